"""What comes in by mail is done once, if it proves that it is about a mail of ours, and nothing else is."""

from __future__ import annotations

import base64
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from campaigns.delivery import engine, outbox
from campaigns.feedback.incoming import anatomy
from campaigns.feedback.incoming.receive import receive
from campaigns.models import Campaign, Delivery, Event
from campaigns.signing import PREVIEW
from subscribers import erasure, retention
from subscribers.models import ConsentRecord, RetentionRule, Subscriber, Suppression
from subscribers.signing import Purpose, sign
from tests.campaigns.admin.composing import staff
from tests.campaigns.delivery import scene
from tests.campaigns.feedback.incoming.reports import arf, dsn, letter
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(catcher: Catcher) -> Campaign:
    return scene.send(scene.campaign("Ann", "Bob"))


@pytest.fixture
def sent(campaign: Campaign, catcher: Catcher) -> bytes:
    """Ann's mail as it left."""
    return catcher.to("ann@example.org")[0].content


def token_in(sent: bytes) -> str:
    found = re.search(rb"mailto:news@example.org\?subject=(unsubscribe-[a-z2-7]+)>", sent)
    assert found
    return found[1].decode()


def statuses(name: str = "ann") -> list[str]:
    return [each.status for each in Subscriber.objects.get(email=f"{name}@example.org").subscriptions.all()]


def events() -> list[tuple[str, str]]:
    return [(event.delivery.email, event.kind) for event in Event.objects.select_related("delivery")]


def stopped(address: str = "ann@example.org") -> list[str]:
    return [row.reason for row in Suppression.objects.of(address)]


def test_the_address_of_list_unsubscribe_unsubscribes(sent: bytes) -> None:
    receipt = receive(letter(token_in(sent)))

    assert (receipt.kind, receipt.words) == ("unsubscribed", "A reader is unsubscribed.")
    assert statuses() == ["ended"]
    assert statuses("bob") == ["active"]
    assert events() == [("ann@example.org", "unsubscribed")]
    assert ConsentRecord.objects.get().source == "mail"
    assert mail.outbox == []


def test_doing_it_twice_is_doing_it_once(sent: bytes) -> None:
    wish = letter(token_in(sent))

    assert receive(wish) == receive(wish)

    assert events() == [("ann@example.org", "unsubscribed")]
    assert ConsentRecord.objects.count() == 1


@pytest.mark.parametrize(
    "written",
    [
        lambda token: letter(token.upper()),
        lambda token: letter(f"Re: {token}"),
        lambda token: letter(f"=?utf-8?B?{base64.b64encode(token.encode()).decode()}?="),
        lambda token: letter("unsubscribe", f"Hello\r\n{token}\r\n"),
        lambda token: letter(token, Auto_Submitted="auto-generated"),
        lambda token: letter("", base64.b64encode(token.encode()).decode(), Content_Transfer_Encoding="base64"),
        lambda token: letter(token).replace(b"\r\n", b"\n"),
    ],
    ids=["upper case", "as an answer", "encoded", "in the text", "by a program", "in base64", "bare line feeds"],
)
def test_programs_write_the_wish_in_many_ways(sent: bytes, written) -> None:
    assert receive(written(token_in(sent))).kind == "unsubscribed"

    assert statuses() == ["ended"]


@pytest.mark.parametrize(
    "written",
    [
        lambda token: letter("Hello"),
        lambda token: letter("unsubscribe"),
        lambda token: letter(token[:-1]),
        lambda token: letter(token[:-1] + ("a" if token[-1] != "a" else "b")),
        lambda token: letter("Out of office", f"{token}\r\n", Auto_Submitted="auto-replied"),
        lambda token: letter(token, Precedence="auto_reply"),
        lambda token: letter("Fwd: May", f"> {token}\r\n"),
        lambda token: letter(f"unsubscribe-{sign(Purpose.PREFERENCES, Delivery.objects.first().pk)}"),
        lambda token: letter(f"unsubscribe-{sign(Purpose.UNSUBSCRIBE, PREVIEW)}"),
    ],
    ids=["a letter", "no token", "cut", "flipped", "vacation", "old vacation", "quoted", "foreign purpose", "test"],
)
def test_whatever_else_is_written_changes_nothing(sent: bytes, written) -> None:
    assert receive(written(token_in(sent))).kind == "ignored"

    assert statuses() == ["active"]
    assert events() == []


def test_whoever_was_deleted_is_not_mailed_after_the_next_import_either(sent: bytes) -> None:
    Subscriber.objects.get(email="ann@example.org").delete()

    assert receive(letter(token_in(sent))).kind == "unsubscribed"

    assert stopped() == ["left"]


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


def test_whoever_complains_has_left_and_is_never_mailed_again(sent: bytes) -> None:
    assert receive(arf(sent)) == receive(arf(sent))

    assert events() == [("ann@example.org", "complained")]
    assert statuses() == ["ended"]
    assert stopped() == ["complained"]
    assert statuses("bob") == ["active"]


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", ""])
def test_other_reports_of_providers_change_nothing(sent: bytes, kind: str) -> None:
    assert receive(arf(sent, kind=kind)).kind == "ignored"

    assert (events(), stopped(), statuses()) == ([], [], ["active"])


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


def test_a_mail_of_a_thousand_levels_and_one_of_many_parts_are_only_ignored() -> None:
    deep = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (number, number) for number in range(5000)
    )
    wide = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 50_000

    assert receive(deep).kind == "ignored"
    assert receive(wide).kind == "ignored"
    assert len(list(anatomy.pieces(anatomy.take_apart(wide)))) == 1 + anatomy.MOST_PARTS


class Anything(TestCase):
    """Whatever somebody sends to the mailbox."""

    @given(st.binary(max_size=2000))
    def test_no_octets_raise(self, octets: bytes) -> None:
        assert receive(octets).kind == "ignored"

    @given(st.data())
    def test_no_mutilated_report_raises_or_changes_anything(self, data: st.DataObject) -> None:
        whole = data.draw(st.sampled_from([dsn(b"Subject: x\r\n\r\nx"), arf(b"Subject: x\r\n\r\nx"), letter("x", "y")]))
        at = data.draw(st.integers(0, len(whole)))
        cut = data.draw(st.integers(0, 40))
        mutilated = whole[:at] + data.draw(st.binary(max_size=30)) + whole[at + cut :]

        assert receive(mutilated).kind == "ignored"


def test_staff_see_on_the_page_of_a_person_what_came_back(sent: bytes, campaign: Campaign, catcher: Catcher) -> None:
    receive(dsn(sent))
    receive(arf(catcher.to("bob@example.org")[0].content))
    client = staff("view_subscriber", "view_delivery", "view_campaign")

    ann, bob = (
        client.get(f"/admin/subscribers/subscriber/{person.pk}/change/").content.decode()
        for person in Subscriber.objects.order_by("email")
    )

    assert "“May” came back" in ann
    assert "no such user here" in ann
    assert "Called “May” spam" in bob


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


class Mutilated(TestCase):
    """Reports about a mail of ours, as broken as programs make them."""

    def setUp(self) -> None:
        super().setUp()
        self.campaign = scene.start(scene.campaign("Ann", "Bob"))
        number = self.campaign.deliveries.get(email="ann@example.org").pk
        self.token = "unsubscribe-" + sign(Purpose.UNSUBSCRIBE, number)
        original = f"List-Unsubscribe: <mailto:news@example.org?subject={self.token}>\r\n\r\nHello".encode()
        self.reports = [dsn(original), dsn(original, headers_alone=True), arf(original), letter(self.token)]

    @given(st.data())
    def test_they_never_raise_and_never_harm_anybody_else(self, data: st.DataObject) -> None:
        whole = data.draw(st.sampled_from(self.reports))
        at = data.draw(st.integers(0, len(whole)))
        cut = data.draw(st.integers(0, 60))

        receive(whole[:at] + data.draw(st.binary(max_size=30)) + whole[at + cut :])

        assert stopped("bob@example.org") == []
        assert statuses("bob") == ["active"]
        assert {address for address, _kind in events()} <= {"ann@example.org"}
