"""What comes in by mail is done once, if it proves that it is about a mail of ours, and nothing else is."""

from __future__ import annotations

import base64
import re

import pytest
from django.core import mail

from campaigns.feedback.incoming.receive import receive
from campaigns.models import Campaign, Delivery
from campaigns.signing import PREVIEW
from subscribers.models import ConsentRecord, Subscriber
from subscribers.signing import Purpose, sign
from tests.campaigns.admin.composing import staff
from tests.campaigns.feedback.incoming.conftest import events, statuses, stopped
from tests.campaigns.feedback.incoming.reports import arf, dsn, letter
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db


def token_in(sent: bytes) -> str:
    found = re.search(rb"mailto:news@example.org\?subject=(unsubscribe-[a-z2-7]+)>", sent)
    assert found
    return found[1].decode()


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
