"""A mail that comes back stops its address, if the server says that nobody is there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from campaigns.delivery import engine, outbox
from campaigns.feedback.incoming.receive import receive
from campaigns.models import Event
from subscribers import erasure, retention
from subscribers.models import RetentionRule, Subscriber
from tests.campaigns.delivery import scene
from tests.campaigns.feedback.incoming.conftest import events, statuses, stopped
from tests.campaigns.feedback.incoming.reports import dsn
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("headers_alone", [False, True])
def test_a_dead_address_is_never_mailed_again(sent: bytes, headers_alone: bool) -> None:
    report = dsn(sent, headers_alone=headers_alone)

    assert receive(report) == receive(report)

    assert events() == [("ann@example.org", "bounced")]
    assert Event.objects.get().words == "550 5.1.1 …: no such user here"
    assert stopped() == ["bounced"]
    assert statuses() == ["active"]


@pytest.mark.parametrize(
    ("status", "diagnostic"),
    [
        ("5.2.2", "smtp; 552 5.2.2 Mailbox full"),
        ("4.4.7", "smtp; 451 4.4.1 no answer from host"),
        ("5.7.1", "smtp; 550 5.7.1 Message rejected as spam by content filter"),
        ("5.1.1", "smtp; 550 5.1.1 blocked by reputation, see https://example.net/blocklist"),
        ("5.7.515", "smtp; 550 5.7.515 Access denied, sending domain does not pass DMARC"),
        ("5.0.0", "X-Unknown; nothing that anybody understands"),
        ("", ""),
    ],
)
def test_what_says_nothing_against_the_address_only_counts(sent: bytes, status: str, diagnostic: str) -> None:
    assert receive(dsn(sent, status=status, diagnostic=diagnostic)).kind == "bounced"

    assert events() == [("ann@example.org", "bounced")]
    assert stopped() == []


@pytest.mark.parametrize(
    ("status", "diagnostic"),
    [
        ("5.1.1", "smtp; host mx.example.net[203.0.113.5] said: 550 5.1.1 user unknown"),
        ("5.1.10", "smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
        ("5.1.1", "smtp; 550-5.1.1 The account that you tried to reach does not exist.\r\n 550 5.1.1 Try another."),
        ("5.1.1", 'X-Postfix; unknown user: "ann"'),
        ("5.4.4", "X-Postfix; Host or domain name not found. Name service error for name=example.org type=A"),
    ],
)
def test_a_dead_address_is_known_by_the_words_of_many_servers(sent: bytes, status: str, diagnostic: str) -> None:
    receive(dsn(sent, status=status, diagnostic=diagnostic))

    assert stopped() == ["bounced"]


def test_the_status_decides_if_the_server_says_nothing_else(sent: bytes) -> None:
    assert receive(dsn(sent, status="5.1.1", diagnostic="")).kind == "bounced"

    assert stopped() == ["bounced"]


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_a_report_about_a_mail_that_has_not_failed_changes_nothing(sent: bytes, action: str) -> None:
    assert receive(dsn(sent, action=action)).kind == "ignored"

    assert (events(), stopped()) == ([], [])


def test_a_forged_bounce_changes_nothing(sent: bytes) -> None:
    forged = re.sub(rb"(unsubscribe-|/u/)[a-z2-7]+", rb"\1" + b"a" * 28, sent)
    forged = re.sub(rb"Message-ID: <\w+@", b"Message-ID: <0123456789@", forged)

    assert receive(dsn(forged)).kind == "ignored"
    assert receive(dsn(b"")).kind == "ignored"

    assert (events(), stopped()) == ([], [])


def test_a_bounce_is_about_the_address_that_was_mailed(sent: bytes) -> None:
    Subscriber.objects.filter(email="ann@example.org").update(email="ann.new@example.org")

    receive(dsn(sent))

    assert stopped("ann@example.org") == ["bounced"]
    assert stopped("ann.new@example.org") == []


def test_of_somebody_erased_only_the_fact_is_kept(sent: bytes) -> None:
    erasure.erase("ann@example.org")

    assert receive(dsn(sent)).kind == "bounced"

    assert events() == [("", "bounced")]
    assert Event.objects.get().words == ""


def test_a_confirmation_that_bounces_is_found_by_its_message_id(catcher: Catcher) -> None:
    scene.transport()
    outbox.keep(EmailMessage("Please confirm", "Press the button.", to=["carl@example.org"]))
    for transport in engine.needed_lanes():
        engine.run(transport)
    (sent,) = catcher.to("carl@example.org")

    assert receive(dsn(sent.content, recipient="dilnoza@example.org")).kind == "ignored"
    assert receive(dsn(sent.content, recipient="carl@example.org")).kind == "bounced"

    assert stopped("carl@example.org") == ["bounced"]


def test_a_report_within_another_mail_is_found(sent: bytes) -> None:
    report = dsn(sent)
    head, _blank, body = report.partition(b"\r\n\r\n")
    kind = re.search(rb"Content-Type: .*", head)
    assert kind
    wrapped = (
        b'Content-Type: multipart/mixed; boundary="outer"\r\n\r\n--outer\r\n\r\nScanned.\r\n'
        b"--outer\r\n" + kind[0].strip() + b"\r\n\r\n" + body + b"\r\n--outer--\r\n"
    )

    assert receive(wrapped).kind == "bounced"


def test_the_words_of_servers_are_kept_no_longer_than_the_rule_says(sent: bytes) -> None:
    receive(dsn(sent))
    rule = RetentionRule.objects.get(kind="logs")
    rule.days = 30
    retention.carry_out(rule, seconds=5)
    assert Event.objects.get().words

    Event.objects.update(happened_at=timezone.now() - timedelta(days=31))
    assert retention.would_remove(rule) == 1
    retention.carry_out(rule, seconds=5)

    assert [(event.kind, event.words) for event in Event.objects.all()] == [("bounced", "")]
