"""What the page for leaving offers before and after: a break instead, and a word about why."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Event
from subscribers import erasure
from subscribers.consent import pauses
from subscribers.models import LeavingReason, Suppression
from tests.reading import press

from .conftest import on


@pytest.fixture
def reasons(db):
    LeavingReason.objects.all().delete()
    return [
        LeavingReason.objects.create(words=words, translations={"de": german}, position=position)
        for position, (words, german) in enumerate({"Too many": "Zu viele", "Boring": "Langweilig"}.items())
    ]


@pytest.fixture
def left(reader, mail):
    """The page after the button."""
    return lambda: press(reader, mail.unsubscribe, reader.get(mail.unsubscribe).content, "leave")


def said(mail):
    event = Event.objects.get(delivery=mail.delivery, kind="unsubscribed")
    return (event.reason.words if event.reason else None), event.words


def test_a_break_is_offered_before_leaving_and_not_after(reader, mail, ann, left):
    before = reader.get(mail.unsubscribe).content

    assert before.count(b'value="leave"') == before.count(b'value="pause"') == 1
    assert before.index(b'value="leave"') < before.index(b'value="pause"')
    assert b'value="pause"' not in left().content


def test_a_break_instead_of_leaving_lasts_three_months_and_can_be_undone(reader, mail, ann):
    answer = press(reader, mail.unsubscribe, reader.get(mail.unsubscribe).content, "pause")

    assert timedelta(88) < pauses.paused_until(ann) - timezone.now() < timedelta(93)
    assert on(ann) == {"news", "board"}
    assert mail.events() == []

    back = press(reader, mail.unsubscribe, answer.content, "go-on")
    assert pauses.paused_until(ann) is None
    assert b'value="leave"' in back.content


def test_who_takes_a_break_may_leave_all_the_same(reader, mail, ann, left):
    pauses.pause(ann, timezone.now() + timedelta(days=9))

    page = reader.get(mail.unsubscribe).content
    left()

    assert b'value="pause"' not in page
    assert on(ann) == {"board"}


def test_a_reason_is_kept_with_the_mail_and_can_be_changed(reader, mail, ann, left, reasons):
    first = left()
    assert "Zu viele" in first.content.decode()

    second = press(reader, mail.unsubscribe, first.content, "reason", reason=reasons[0].pk, words="  So many!  ")
    assert said(mail) == ("Too many", "So many!")
    assert b"So many!" in second.content

    press(reader, mail.unsubscribe, second.content, "reason", reason=reasons[1].pk, words="")
    assert said(mail) == ("Boring", "")


def test_leaving_needs_no_reason(reader, mail, ann, left, reasons):
    press(reader, mail.unsubscribe, left().content, "reason")

    assert said(mail) == (None, "")
    assert on(ann) == {"board"}


def test_a_reason_that_is_no_longer_offered_stays_for_who_gave_it(reader, mail, left, reasons):
    press(reader, mail.unsubscribe, left().content, "reason", reason=reasons[0].pk)
    LeavingReason.objects.update(is_active=False)

    page = reader.get(mail.unsubscribe).content.decode()

    assert "Zu viele" in page
    assert "Langweilig" not in page


def test_undo_after_a_reason_brings_the_person_back(reader, mail, ann, left, reasons):
    answer = press(reader, mail.unsubscribe, left().content, "reason", reason=reasons[0].pk)

    press(reader, mail.unsubscribe, answer.content, "return")

    assert on(ann) == {"news", "board"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "999999"},
        {"reason": "x"},
        {"reason": ["", "5", "x"]},
        {"words": "x" * 501},
        {"words": "x" * 1_000_000},
        {"words": "a\x00"},
    ],
    ids=range(6),
)
def test_a_wrong_reason_is_refused_and_changes_nothing(reader, mail, left, reasons, wrong):
    press(reader, mail.unsubscribe, left().content, "reason", reason=reasons[0].pk, words="Bye")

    answer = reader.post(mail.unsubscribe, {"action": "reason", **wrong})

    assert answer.status_code == 400
    assert len(answer.content) < 50_000
    assert said(mail) == ("Too many", "Bye")


@pytest.mark.parametrize("more", ["x" * 1_000_000, "\ufffd"], ids=["long", "undecodable"])
def test_nobody_leaves_or_pauses_by_a_form_that_is_not_ours(reader, mail, ann, more):
    for action in ("leave", "return", "pause"):
        assert reader.post(mail.unsubscribe, {"action": action, "more": more}).status_code == 400

    assert on(ann) == {"news", "board"}
    assert not Suppression.objects.exists()


def test_who_has_not_left_by_this_mail_gives_no_reason(reader, mail, ann, reasons):
    answer = reader.post(mail.unsubscribe, {"action": "reason", "reason": reasons[0].pk})

    assert answer.status_code == 400
    assert not Event.objects.exists()


def test_nothing_is_kept_of_what_somebody_says_after_being_erased(reader, mail, ann, left, reasons):
    page = left().content
    press(reader, mail.unsubscribe, page, "reason", words="I am Ann")
    erasure.erase("ann@example.org")
    assert said(mail) == (None, "")

    answer = press(reader, mail.unsubscribe, page, "reason", words="I am Ann")

    assert answer.status_code == 400
    assert said(mail) == (None, "")
    assert b'value="reason"' not in reader.get(mail.unsubscribe).content


def test_whose_mail_is_stopped_anyhow_is_offered_no_break(reader, mail, ann):
    Suppression.objects.add(ann.email, Suppression.Reason.BOUNCED)

    assert b'value="pause"' not in reader.get(mail.unsubscribe).content
    reader.post(mail.unsubscribe, {"action": "pause"})

    assert Suppression.objects.get().reason == "bounced"
