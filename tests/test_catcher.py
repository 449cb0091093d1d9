"""The mail catcher of the tests is real and does as it is told."""

import smtplib

import pytest
from django.core.mail import EmailMessage, get_connection

from tests.catcher import Catcher


def send(catcher: Catcher, recipient: str) -> int:
    backend = get_connection(catcher.mailer()["BACKEND"], **catcher.mailer()["OPTIONS"])
    return EmailMessage("Hello", "Text", "news@example.org", [recipient], connection=backend).send()


def test_the_catcher_keeps_every_mail_it_takes(catcher: Catcher) -> None:
    assert send(catcher, "ann@example.org") == 1

    (mail,) = catcher.to("ann@example.org")
    assert mail.mail_from == "news@example.org"
    assert mail.message["Subject"] == "Hello"
    assert b"\r\n\r\nText" in mail.content


def test_the_catcher_refuses_whom_it_is_told_to(catcher: Catcher) -> None:
    catcher.refuse("bob@example.org", "550 5.1.1 user unknown")

    with pytest.raises(smtplib.SMTPRecipientsRefused, match="user unknown"):
        send(catcher, "bob@example.org")

    assert catcher.mails == []


def test_the_catcher_defers_for_a_while(catcher: Catcher) -> None:
    catcher.defer("bob@example.org", times=1)

    with pytest.raises(smtplib.SMTPRecipientsRefused, match="try again"):
        send(catcher, "bob@example.org")
    send(catcher, "bob@example.org")

    assert len(catcher.mails) == 1


def test_the_catcher_hangs_up_without_a_word_after_the_message(catcher: Catcher) -> None:
    catcher.drop_after_data("bob@example.org")

    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(catcher, "bob@example.org")

    assert catcher.mails == []


def test_the_catcher_goes_down_and_comes_up_at_the_same_address(catcher: Catcher) -> None:
    catcher.down()
    with pytest.raises(ConnectionRefusedError):
        send(catcher, "ann@example.org")

    catcher.up()
    send(catcher, "ann@example.org")

    assert len(catcher.mails) == 1
