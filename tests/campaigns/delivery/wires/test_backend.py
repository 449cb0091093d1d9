"""Anybody's EMAIL_BACKEND: pipelined, and honest about every recipient."""

from __future__ import annotations

import smtplib

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage, get_connection, send_mail

from campaigns.delivery.wires import EmailBackend
from tests.campaigns.delivery.wires.lane import mail_to
from tests.campaigns.delivery.wires.rogue import HANG_UP, rogue


def kinds(backend: EmailBackend) -> list[tuple[str, str]]:
    return [(sent.recipient.partition("@")[0], sent.outcome.kind) for sent in backend.outcomes]


def test_a_list_goes_out_on_one_connection_and_is_counted() -> None:
    with rogue("PIPELINING") as server:
        sent = EmailBackend(**server.options()).send_messages([mail_to("ann"), mail_to("bob")])

    assert sent == 2
    assert server.recipients() == ["ann@example.org", "bob@example.org"]
    assert (server.connections, server.commands[-1]) == (1, "QUIT")


def test_everybody_gets_the_same_bytes_and_nobody_reads_who_else() -> None:
    message = EmailMessage(
        "May", "Hé", "News <news@example.org>", ["Ann <ann@example.org>"], ["bob@example.org"], cc=["chloe@example.org"]
    )
    with rogue("PIPELINING", "8BITMIME") as server:
        sent = EmailBackend(**server.options()).send_messages([message])

    assert sent == 1
    assert server.recipients() == ["ann@example.org", "chloe@example.org", "bob@example.org"]
    assert len({content for _recipient, content in server.mails}) == 1
    assert b"bob@" not in server.mails[0][1]
    assert server.lines[1] == "MAIL FROM:<news@example.org> BODY=8BITMIME"


def test_each_recipient_has_an_outcome_and_a_partial_refusal_is_told() -> None:
    message = EmailMessage("May", "Hello", "news@example.org", ["ann@example.org", "bob@example.org"])
    with rogue("PIPELINING", RCPT=["550 5.1.1 unknown"]) as server:
        backend = EmailBackend(**server.options())
        with pytest.raises(smtplib.SMTPRecipientsRefused) as raised:
            backend.send_messages([message, mail_to("chloe")])

    assert kinds(backend) == [("ann", "refused"), ("bob", "accepted"), ("chloe", "accepted")]
    assert raised.value.recipients == {"ann@example.org": (550, b"550 5.1.1 unknown")}


@pytest.mark.parametrize(
    ("step", "reply", "error"),
    [
        ("CONNECT", "554 no", smtplib.SMTPConnectError),
        ("CONNECT", HANG_UP, smtplib.SMTPServerDisconnected),
        ("MAIL", "550 no", smtplib.SMTPSenderRefused),
        ("RCPT", "450 later", smtplib.SMTPRecipientsRefused),
        ("DATA", "451 later", smtplib.SMTPDataError),
        ("END", "554 no", smtplib.SMTPDataError),
        ("END", HANG_UP, smtplib.SMTPServerDisconnected),
    ],
)
def test_failures_are_what_smtplib_would_raise_unless_they_should_be_silent(
    step: str, reply: str, error: type[Exception]
) -> None:
    with rogue("PIPELINING", **{step: [reply] * 2}) as server:
        with pytest.raises(error):
            EmailBackend(**server.options()).send_messages([mail_to("ann")])
        silent = EmailBackend(fail_silently=True, **server.options()).send_messages([mail_to("ann")])

    assert silent == 0


def test_a_wrong_password_is_an_authentication_error() -> None:
    with rogue("AUTH PLAIN", AUTH=["535 5.7.8 bad credentials"]) as server:
        backend = EmailBackend(**server.options(username="ann", password="wrong"))
        with pytest.raises(smtplib.SMTPAuthenticationError):
            backend.send_messages([mail_to("ann"), mail_to("bob")])

    assert kinds(backend) == [("ann", "rejected"), ("bob", "rejected")]
    assert "MAIL" not in server.commands


def test_one_broken_message_fails_alone() -> None:
    broken = mail_to("ann")
    broken.extra_headers["X-Note"] = "two\nlines"
    with rogue("PIPELINING") as server:
        backend = EmailBackend(fail_silently=True, **server.options())
        sent = backend.send_messages([broken, mail_to("bob"), EmailMessage("May", "To nobody")])

    assert sent == 1
    assert kinds(backend) == [("ann", "invalid"), ("bob", "accepted")]


def test_an_open_backend_keeps_its_connection_and_gets_over_its_loss() -> None:
    with rogue("PIPELINING") as server, EmailBackend(**server.options()) as backend:
        backend.send_messages([mail_to("ann")])
        backend.send_messages([mail_to("bob")])
        server.hang_up()
        sent = backend.send_messages([mail_to(f"person-{number}") for number in range(40)])

    assert sent == 40
    assert server.connections == 2


def test_it_takes_djangos_settings(settings: LazySettings) -> None:
    with rogue("PIPELINING") as server:
        settings.EMAIL_BACKEND = "campaigns.delivery.wires.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        sent = send_mail("May", "Hello", "news@example.org", ["ann@example.org"])
        options = get_connection(timeout=3).options

    assert sent == 1
    assert (options["timeout"], options["port"]) == (3, server.port)
