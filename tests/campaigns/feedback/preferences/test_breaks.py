"""Readers take a break, change its end, and go on."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from subscribers.consent import pauses
from subscribers.models import Subscriber, Suppression
from tests.campaigns.feedback.conftest import on
from tests.campaigns.feedback.preferences.conftest import state


@pytest.mark.parametrize(
    ("wish", "days"),
    [({"months": "1"}, (28, 31)), ({"months": "3"}, (89, 92)), ({"months": "6"}, (181, 184))],
)
def test_a_break_lasts_so_many_months_and_can_be_undone(change, undo, ann, wish, days):
    answer = change("pause", **wish)

    until = pauses.paused_until(ann)
    assert timedelta(days[0] - 1) < until - timezone.now() <= timedelta(days[1])
    assert Suppression.objects.get().reason == "paused"
    undo(answer, "restore")
    assert pauses.paused_until(ann) is None
    assert on(ann) == {"news", "board"}


def test_a_break_ends_as_the_chosen_day_begins_where_the_reader_lives(change, ann):
    Subscriber.objects.update(time_zone="Pacific/Auckland")
    day = timezone.localdate() + timedelta(days=40)

    answer = change("pause", until=day.isoformat())

    until = pauses.paused_until(ann)
    local = until.astimezone(ZoneInfo("Pacific/Auckland"))
    assert (local.date(), local.hour, local.minute) == (day, 0, 0)
    assert f"{day.day}. ".encode() in answer.content


def test_a_break_can_be_made_longer_or_ended_and_each_is_undone_exactly(change, undo, ann):
    change("pause", months="1")
    first = pauses.paused_until(ann)

    longer = change("pause", months="6")
    assert pauses.paused_until(ann) > first
    undo(longer, "restore")
    assert pauses.paused_until(ann) == first

    ended = change("go-on")
    assert pauses.paused_until(ann) is None
    undo(ended, "restore")
    assert pauses.paused_until(ann) == first


@pytest.mark.parametrize("reason", ["bounced", "complained", "manual"])
def test_nobody_pauses_or_goes_on_whose_mail_is_stopped_for_another_reason(reader, mail, ann, reason):
    Suppression.objects.add(ann.email, reason)

    for action in ({"action": "pause", "months": "1"}, {"action": "go-on"}, {"action": "restore"}):
        reader.post(mail.preferences, action)

    assert Suppression.objects.get().reason == reason
    assert b"months" not in reader.get(mail.preferences).content


def test_leaving_everything_during_a_break_and_undo_bring_both_back(change, undo, ann):
    change("pause", months="3")
    before = state(ann)

    answer = change("leave")
    assert on(ann) == set()
    assert Suppression.objects.get().reason == "left"
    assert Suppression.objects.get().expires_at is None

    undo(answer, "return")
    assert state(ann) == before
