"""The first few go alone; the others follow when a person says so."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from django.utils import timezone

from campaigns import reports
from campaigns.delivery import canary, engine, plan
from campaigns.models import Campaign
from subscribers.models import Suppression
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)

EVERYBODY = [f"Person{number}" for number in range(10)]


def campaign(*names: str, first: int, **facts: object) -> Campaign:
    made = scene.campaign(*names, **facts)
    made.unschedule()
    made.schedule(timezone.now(), canary=first)
    return made


def mailed(catcher: Catcher) -> list[str]:
    return sorted(mail.recipient.partition("@")[0] for mail in catcher.mails)


def test_the_first_few_are_sent_and_the_others_wait_for_a_person(catcher: Catcher) -> None:
    made = scene.send(campaign(*EVERYBODY, first=3))

    assert mailed(catcher) == ["person0", "person1", "person2"]
    assert engine.needed_lanes() == []
    assert made.status == "sending"
    assert made.awaits_release
    assert str(reports.ledger(made)) == "planned=10 sent=3 failed=0 skipped=0 uncertain=0"
    assert reports.ledger(made).waiting == 7


def test_released_the_others_follow_and_nobody_gets_it_twice(catcher: Catcher) -> None:
    made = scene.send(campaign(*EVERYBODY, first=3))

    assert canary.release(made)
    scene.send(made)

    assert mailed(catcher) == [name.lower() for name in EVERYBODY]
    assert made.status == "sent"
    assert reports.ledger(made).adds_up


def test_whoever_releases_second_was_too_late(catcher: Catcher) -> None:
    made = scene.send(campaign(*EVERYBODY, first=3))

    assert canary.release(made)
    assert not canary.release(made)


def test_a_campaign_without_a_canary_has_nothing_to_release(catcher: Catcher) -> None:
    made = scene.start(scene.campaign("Ann"))

    assert not canary.release(made)


def test_only_who_can_be_mailed_counts_as_one_of_the_first(catcher: Catcher) -> None:
    made = campaign(*EVERYBODY, first=3)
    for number in (0, 2):
        Suppression.objects.add(f"person{number}@example.org", Suppression.Reason.COMPLAINED)

    scene.send(made)

    assert mailed(catcher) == ["person1", "person3", "person4"]
    assert str(reports.ledger(made)) == "planned=10 sent=3 failed=0 skipped=2 uncertain=0"


def test_the_first_few_may_be_many(catcher: Catcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "RANGE", 4)

    made = scene.send(campaign(*EVERYBODY, first=6))
    assert len(catcher.mails) == 6

    canary.release(made)
    scene.send(made)
    assert mailed(catcher) == [name.lower() for name in EVERYBODY]


def test_where_everybody_is_one_of_the_first_nobody_has_to_wait(catcher: Catcher) -> None:
    made = scene.send(campaign("Ann", "Bob", first=5))

    assert made.status == "sent"
    assert not made.awaits_release


def test_what_is_planned_after_the_release_is_not_held(catcher: Catcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "RANGE", 4)
    made = campaign(*EVERYBODY, first=2)
    plan.start_due()
    made.refresh_from_db()
    assert plan.is_frozen(made)
    plan.plan_range(made)

    canary.release(made)
    scene.send(made)

    assert not made.batches.filter(is_held=True).exists()
    assert made.status == "sent"
    assert len(catcher.mails) == 10


def test_a_campaign_is_cancelled_while_the_others_wait(catcher: Catcher) -> None:
    made = scene.send(campaign(*EVERYBODY, first=3))

    made.cancel()
    scene.send(made)

    assert len(catcher.mails) == 3
    assert reports.outcomes(made) == [("skipped", "campaign cancelled", 7), ("sent", "", 3)]


def test_a_pause_does_not_release_anybody(catcher: Catcher) -> None:
    made = scene.send(campaign(*EVERYBODY, first=3))

    made.pause()
    assert not canary.release(made)
    made.resume()
    scene.send(made)

    assert len(catcher.mails) == 3


def test_by_local_time_those_are_first_whose_mails_leave_first(catcher: Catcher) -> None:
    made = scene.campaign()
    news = made.mailing_lists.get()
    for name, zone in {"Ann": "UTC", "Bob": "Asia/Tokyo", "Chloe": "UTC", "Dai": "Asia/Tokyo"}.items():
        scene.person(name, news, time_zone=zone)
    made.unschedule()
    at = (timezone.now() + timedelta(hours=9, seconds=-1)).astimezone(UTC)
    made.schedule(at, time_zone="UTC", in_local_time=True, canary=3)

    scene.start(made)

    held = dict(made.deliveries.values_list("subscriber__first_name", "batch__is_held"))
    assert held == {"Bob": False, "Dai": False, "Ann": False, "Chloe": True}


def test_whoever_sees_that_it_is_paused_lets_the_others_follow_and_everybody_goes_on(catcher: Catcher) -> None:
    made = scene.send(campaign(*EVERYBODY, first=3))
    made.pause("Ann looks at the outcome.")

    assert canary.release(made, is_paused=True)
    scene.send(made)

    assert mailed(catcher) == [name.lower() for name in EVERYBODY]
    assert (made.status, made.pause_reason) == ("sent", "")
