"""Limits count in the database, for every sliding window."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from campaigns import pace, reports
from campaigns.delivery import engine, limits
from campaigns.models import Campaign, Delivery, Limit, Transport
from campaigns.models.limit import Allowance
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

WINDOW, HOLD = 3600, 60


@given(
    number=st.integers(1, 5000),
    steps=st.lists(st.tuples(st.floats(0, 900), st.integers(1, 500)), min_size=1, max_size=60),
)
def test_no_window_holds_more_than_the_limit_however_tokens_are_taken(
    number: int, steps: list[tuple[float, int]]
) -> None:
    allowance = Allowance(number)
    now = timezone.now()
    bucket = Limit(key="test", tokens=allowance.burst, counted_at=now)
    taken: list[tuple[float, int]] = []

    at = 0.0
    for pause, wanted in steps:
        at += pause
        moment = now + timedelta(seconds=at)
        got = min(wanted, int(bucket.available(allowance, moment)))
        bucket.tokens, bucket.counted_at = bucket.available(allowance, moment) - got, moment
        taken.append((at, got))

    # A token may be used until HOLD seconds after it was taken.
    for start, _got in taken:
        assert sum(got for at, got in taken if start <= at < start + WINDOW + HOLD) <= number


def test_a_limit_is_nearly_used_up() -> None:
    for number in (1, 2, 10, 100, 3600, 100_000):
        allowance = Allowance(number)
        assert number * 0.96 <= allowance.burst + allowance.per_second * WINDOW or number <= 10
        assert allowance.per_second > 0


@pytest.mark.django_db(transaction=True)
def test_a_campaign_sends_no_more_than_its_burst_at_once_and_says_when_it_goes_on(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob", "Chloe", limit_per_hour=1)

    scene.send(campaign)

    progress = reports.progress(campaign)
    assert len(catcher.mails) == 1
    assert campaign.status == "sending"
    assert progress.next_slot_at is not None
    assert timedelta(minutes=55) < progress.next_slot_at - timezone.now() <= timedelta(minutes=62)
    assert progress.done_at is not None
    assert progress.done_at > timezone.now() + timedelta(hours=1)
    assert engine.needed_lanes() == []


@pytest.mark.django_db(transaction=True)
def test_the_limit_of_a_transport_holds_for_all_campaigns_together(catcher: Catcher) -> None:
    first, second = scene.campaign("Ann", "Bob"), scene.campaign("Chloe", "Dilnoza")
    Transport.objects.update(limit_per_hour=3)

    scene.send(first)
    scene.send(second)

    assert len(catcher.mails) == 1


@pytest.mark.django_db(transaction=True)
def test_when_one_transport_has_used_its_limit_the_next_one_helps(catcher: Catcher, settings: object) -> None:
    settings.MAILERS["spare"] = catcher.mailer()
    campaign = scene.campaign("Ann", "Bob", "Chloe")
    Transport.objects.update(limit_per_hour=1)
    spare = Transport.objects.create(name="Spare", alias="spare", priority=20)

    scene.send(campaign)

    assert campaign.status == "sent"
    assert Delivery.objects.filter(attempts__transport=spare).count() == 2


@pytest.mark.django_db(transaction=True)
def test_raising_a_limit_acts_at_once(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob", "Chloe", limit_per_hour=1)
    scene.send(campaign)

    Campaign.objects.update(limit_per_hour=None)
    scene.send(campaign)

    assert len(catcher.mails) == 3


@pytest.mark.django_db(transaction=True)
def test_tokens_taken_for_mails_that_were_not_sent_are_lost(catcher: Catcher) -> None:
    """Given back late, they would let a second burst into a window that has seen the first."""
    campaign = scene.campaign("Ann", "Bob", "Chloe", limit_per_hour=300)
    catcher.down()

    scene.send(campaign)

    with transaction.atomic():
        assert limits.lock(campaign).most(100) == 0


@pytest.mark.django_db
def test_the_forecast_follows_the_tightest_limit() -> None:
    campaign = scene.campaign("Ann", limit_per_hour=3600)
    assert pace.allowed(campaign) == pytest.approx(3564 / 3660)

    Transport.objects.update(limit_per_hour=360)
    Transport.objects.create(name="Spare", alias="spare", limit_per_hour=360)

    allowed = pace.allowed(campaign)
    assert allowed == pytest.approx(2 * 357 / 3660)
    forecast = reports.forecast(1000, campaign)
    assert forecast is not None
    assert (forecast - timezone.now()).total_seconds() == pytest.approx(1000 / allowed, abs=5)


@pytest.mark.django_db
def test_without_a_limit_nothing_is_foretold() -> None:
    campaign = scene.campaign("Ann")

    assert pace.allowed(campaign) is None
    assert reports.forecast(1000, campaign) is None
