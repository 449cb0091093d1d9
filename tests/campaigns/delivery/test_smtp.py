"""One kept connection, and what each way of breaking it means for the message."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest
from django.core.mail import EmailMultiAlternatives

from campaigns.delivery.backends import BackendConnection
from campaigns.delivery.replies import Outcome
from campaigns.delivery.smtp import SmtpConnection
from tests.campaigns.delivery.scripted import HANG_UP, Script, speaking
from tests.catcher import Catcher


def message(recipient: str = "ann@example.org", text: str = "Hello") -> EmailMultiAlternatives:
    return EmailMultiAlternatives("May", text, "news@example.org", [recipient])


def send(script: Script, times: int = 1) -> list[Outcome]:
    with closing(SmtpConnection(script.options())) as connection:
        return [connection.send(message()) for _time in range(times)]


def test_an_accepted_message_has_the_servers_words_and_a_duration() -> None:
    with speaking(END=["250 2.0.0 queued as 4711"]) as script:
        (outcome,) = send(script)

    assert (outcome.kind, outcome.code, outcome.answer) == ("accepted", 250, "250 2.0.0 queued as 4711")
    assert outcome.duration_ms is not None


def test_messages_share_one_connection_which_ends_politely() -> None:
    with speaking() as script:
        outcomes = send(script, times=3)

    assert [outcome.kind for outcome in outcomes] == ["accepted"] * 3
    assert script.connections == 1
    assert script.commands == ["EHLO", *["MAIL", "RCPT", "DATA", "."] * 3, "QUIT"]


def test_after_a_refused_recipient_the_connection_is_reset_and_kept() -> None:
    with speaking(RCPT=["550 5.1.1 unknown"]) as script:
        outcomes = send(script, times=2)

    assert [outcome.kind for outcome in outcomes] == ["refused", "accepted"]
    assert script.commands == ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT", "DATA", ".", "QUIT"]


def test_a_reply_to_the_whole_message_is_about_its_recipient() -> None:
    with speaking(END=["554 5.7.1 spam"]) as script:
        outcomes = send(script, times=2)

    assert [outcome.kind for outcome in outcomes] == ["rejected", "accepted"]
    assert outcomes[0].names_recipient


def test_hanging_up_after_the_last_line_leaves_the_message_in_doubt() -> None:
    with speaking(END=[HANG_UP]) as script:
        outcomes = send(script, times=2)

    assert [outcome.kind for outcome in outcomes] == ["unknown", "accepted"]
    assert script.connections == 2


def test_hanging_up_before_the_recipient_is_named_is_nobodys_fault() -> None:
    with speaking(MAIL=[HANG_UP]) as script:
        (outcome,) = send(script)

    assert outcome.kind == "unavailable"


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
def test_a_recipient_at_whom_the_server_hangs_up_waits_alone(command: str) -> None:
    with speaking(**{command: [HANG_UP]}) as script:
        outcomes = send(script, times=2)

    assert [outcome.kind for outcome in outcomes] == ["deferred", "accepted"]


def test_a_connection_that_was_closed_while_idle_is_opened_again() -> None:
    with speaking(MAIL=["250 fine", "421 4.4.2 idle for too long", "250 fine"]) as script:
        outcomes = send(script, times=2)

    assert [outcome.kind for outcome in outcomes] == ["accepted", "accepted"]
    assert script.connections == 2


def test_a_new_connection_that_is_closed_at_once_is_not_tried_for_ever() -> None:
    with speaking(MAIL=["421 go away"] * 9) as script:
        (outcome,) = send(script)

    assert (outcome.kind, outcome.answer) == ("unavailable", "421 go away")
    assert script.connections == 1


def test_a_server_that_is_busy_at_the_greeting_is_not_available() -> None:
    with speaking() as script:
        script.greetings = ["421 too many connections"]
        (outcome,) = send(script)

    assert (outcome.kind, outcome.answer) == ("unavailable", "421 too many connections")


def test_a_sender_that_the_server_does_not_like_is_not_the_recipients_fault() -> None:
    with speaking(MAIL=["550 5.7.1 sender not allowed"]) as script:
        (outcome,) = send(script)

    assert outcome.kind == "rejected"
    assert not outcome.names_recipient


def test_a_wrong_password_spends_no_recipient() -> None:
    replies = {"EHLO": ["250-scripted.test\r\n250 AUTH PLAIN"], "AUTH": ["535 5.7.8 bad credentials"]}
    with (
        speaking(**replies) as script,
        closing(SmtpConnection(script.options(username="ann", password="wrong"))) as connection,
    ):
        outcome = connection.send(message())

    assert (outcome.kind, outcome.code) == ("rejected", 535)
    assert "MAIL" not in script.commands


def test_a_server_without_the_encryption_we_insist_on_is_not_used() -> None:
    with speaking() as script, closing(SmtpConnection(script.options(use_tls=True))) as connection:
        outcome = connection.send(message())

    assert outcome.kind == "unavailable"
    assert "STARTTLS" in outcome.answer
    assert "MAIL" not in script.commands


def test_a_silent_server_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        options = Script(port=silent.getsockname()[1]).options(timeout=1)
        with closing(SmtpConnection(options)) as connection:
            outcome = connection.send(message())

    assert outcome.kind == "unavailable"


def test_lines_that_begin_with_a_dot_arrive_whole(catcher: Catcher) -> None:
    with closing(SmtpConnection(catcher.mailer()["OPTIONS"])) as connection:
        connection.send(message(text=".\n..\nHello\n.\nBye"))

    assert catcher.mails[0].content.endswith(b"\r\n\r\n.\r\n..\r\nHello\r\n.\r\nBye\r\n")


def test_a_message_that_cannot_be_written_is_invalid_and_touches_no_server() -> None:
    broken = message()
    broken.extra_headers["X-Note"] = "two\nlines"

    outcome = SmtpConnection({}).send(broken)

    assert outcome.kind == "invalid"


def test_any_backend_of_django_is_a_way_out(mailoutbox: list[object]) -> None:
    with closing(BackendConnection("django.core.mail.backends.locmem.EmailBackend", {})) as connection:
        outcome = connection.send(message())

    assert outcome.kind == "accepted"
    assert len(mailoutbox) == 1


def test_what_another_backend_raises_is_sorted_by_whether_the_mail_may_be_out(catcher: Catcher) -> None:
    catcher.refuse("bob@example.org", "550 5.1.1 unknown")
    catcher.drop_after_data("chloe@example.org")
    smtp = catcher.mailer()

    with closing(BackendConnection(smtp["BACKEND"], smtp["OPTIONS"])) as connection:
        refused = connection.send(message("bob@example.org"))
        doubtful = connection.send(message("chloe@example.org"))
        fine = connection.send(message("ann@example.org"))
    catcher.down()
    away = BackendConnection(smtp["BACKEND"], smtp["OPTIONS"]).send(message())

    assert [outcome.kind for outcome in (refused, doubtful, fine, away)] == [
        "refused",
        "unknown",
        "accepted",
        "unavailable",
    ]
