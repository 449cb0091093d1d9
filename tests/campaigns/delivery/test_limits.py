"""Limits count in the database, for every sliding window."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from campaigns import pace, reports
from campaigns.delivery import engine, slots
from campaigns.delivery.tokens import Buckets
from campaigns.models import Batch, Campaign, Delivery, Limit, RecipientDomain, Slot, Transport
from campaigns.models.limit import Allowance
from subscribers.models import Subscriber
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

HOUR = 3600.0


class FarEnd:
    """Lets a limit send through several wires and notes when the server got each mail."""

    def __init__(self, allowance: Allowance) -> None:
        self.allowance, self.limit, self.now = allowance, Limit(key="test:1:hour"), 1_800_000_000.0
        self.on_wires: dict[int, tuple[int, float]] = {}
        self.received: list[float] = []

    def begin(self, wire: int, wanted: int) -> None:
        """Hand over what may leave, once the outcomes of what is on this wire are written."""
        self.end(wire, 0.5)
        on_wire = sum(number for number, _since in self.on_wires.values())
        number = min(wanted, self.limit.room(self.allowance, self.now, on_wire=on_wire))
        self.limit.take(number, self.allowance, self.now)
        self.on_wires[wire] = number, self.now

    def end(self, wire: int, share: float) -> None:
        """The server got them somewhere between the hand-over and this moment."""
        number, since = self.on_wires.pop(wire, (0, 0.0))
        if number:
            self.limit.count(number, self.now)
            self.received += [since + (self.now - since) * share] * number

    def fullest_window(self) -> int:
        times = sorted(self.received)
        return max((sum(start <= at < start + self.allowance.seconds for at in times) for start in times), default=0)


@given(
    number=st.integers(1, 500),
    is_even=st.booleans(),
    steps=st.lists(
        st.tuples(st.floats(0, 1500), st.integers(0, 3), st.integers(0, 200), st.floats(0, 1)), min_size=1, max_size=40
    ),
)
def test_no_window_holds_more_than_the_limit_however_long_the_wires_take(
    number: int, is_even: bool, steps: list[tuple[float, int, int, float]]
) -> None:
    far_end = FarEnd(Allowance(number, HOUR, is_even))

    for pause, wire, wanted, share in steps:
        far_end.now += pause
        far_end.end(wire, share)
        far_end.begin(wire, wanted)
    for wire in range(4):
        far_end.end(wire, 1.0)

    assert far_end.fullest_window() <= number


@pytest.mark.parametrize("is_even", [False, True])
@pytest.mark.parametrize("number", [1, 2, 10, 100, 3600])
def test_a_limit_is_nearly_used_up_over_many_windows(number: int, is_even: bool) -> None:
    far_end = FarEnd(Allowance(number, HOUR, is_even))
    begun = far_end.now

    while far_end.now < begun + 4 * HOUR:
        late = min(2.0, 0.25 * far_end.allowance.interval)
        far_end.now = max(far_end.now, far_end.limit.opens_at(far_end.allowance, far_end.now)) + late
        far_end.begin(0, 1000)
        far_end.now += late
        far_end.end(0, 0.5)

    seconds = far_end.received[-1] - far_end.received[0]
    assert len(far_end.received) - 1 >= 0.95 * number * seconds / HOUR


def test_mails_that_are_spread_evenly_leave_one_by_one() -> None:
    even, uneven = Allowance(360, HOUR, is_even=True), Allowance(360, HOUR)
    limit, now = Limit(key="test:1:hour"), 1_800_000_000.0

    assert (limit.room(even, now), limit.room(uneven, now)) == (1, 37)
    limit.take(1, even, now)
    assert limit.room(even, now) == 0
    assert limit.opens_at(even, now, nth=11) - limit.opens_at(even, now) == pytest.approx(100 / 1.02)


def test_a_clock_that_steps_back_blocks_for_one_window_at_most() -> None:
    allowance, now = Allowance(100, HOUR), 1_800_000_000.0
    limit = Limit(key="test:1:hour")
    limit.take(100, allowance, now)
    limit.count(100, now)

    yesterday = now - 86_400
    Buckets([limit], {limit.key: allowance}, yesterday, Counter())

    assert limit.room(allowance, yesterday) == 0
    assert limit.opens_at(allowance, yesterday) <= yesterday + HOUR * 1.02
    assert limit.room(allowance, yesterday + HOUR * 1.02) > 0


@pytest.mark.django_db(transaction=True)
def test_a_campaign_sends_no_more_than_its_burst_at_once_and_says_when_it_goes_on(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob", "Chloe", limit_per_hour=1)

    scene.send(campaign)

    progress = reports.progress(campaign)
    assert len(catcher.mails) == 1
    assert campaign.status == "sending"
    assert progress.next_slot_at is not None
    assert timedelta(minutes=55) < progress.next_slot_at - timezone.now() <= timedelta(minutes=61)
    assert progress.done_at is not None
    assert progress.done_at > timezone.now() + timedelta(hours=1)
    assert engine.needed_lanes() == []


@pytest.mark.django_db(transaction=True)
def test_the_limit_of_a_transport_holds_for_all_campaigns_together(catcher: Catcher) -> None:
    first, second = scene.campaign("Ann", "Bob"), scene.campaign("Chloe", "Dilnoza")
    Transport.objects.update(limit_per_hour=3)

    for campaign in (first, second, first, second):
        scene.send(campaign)
        Limit.objects.update(paced_to=0)

    assert len(catcher.mails) == 3


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
def test_mails_that_never_left_count_for_nothing(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob", "Chloe", limit_per_hour=3)
    catcher.down()
    scene.send(campaign)

    catcher.up()
    Transport.objects.update(resting_until=None)
    Limit.objects.update(paced_to=0)
    scene.send(campaign)

    # The first one was tried, and nobody knows what the server counts.
    assert Limit.objects.get().spent[-1][1] <= 3
    assert len(catcher.mails) >= 1


@pytest.mark.django_db(transaction=True)
def test_what_a_lost_lane_had_on_its_wires_counts_as_sent() -> None:
    campaign = scene.campaign("Ann", limit_per_hour=200)
    key = f"campaign:{campaign.pk}:hour"
    slots.take(scene.transport(), "lost", 1)
    Slot.objects.filter(owner="lost").update(tokens={key: 195})
    with transaction.atomic():
        assert Buckets.lock(campaign.allowances).left == {key: 5}

    with transaction.atomic():
        slots.leave("lost")

    assert [number for _at, number in Limit.objects.get(key=key).spent] == [195]
    with transaction.atomic():
        assert Buckets.lock(campaign.allowances).left == {key: 5}


@pytest.mark.django_db(transaction=True)
def test_a_domain_with_a_limit_of_its_own_keeps_nobody_else_waiting(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob", "Chloe", "Dilnoza")
    for name in ("Ann", "Chloe"):
        Subscriber.objects.filter(first_name=name).update(email=f"{name.lower()}@big.example.net")
    RecipientDomain.objects.create(name="big.example.net", limit_per_hour=1)

    scene.send(campaign)

    arrived = Counter(mail.recipient.rpartition("@")[2] for mail in catcher.mails)
    assert arrived == {"example.org": 2, "big.example.net": 1}
    assert Batch.objects.filter(domain="big.example.net").count() == 1
    assert engine.needed_lanes() == []


@pytest.mark.django_db(transaction=True)
def test_a_rule_that_came_after_the_plan_holds_too(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann", "Bob", "Chloe"))
    RecipientDomain.objects.create(name="example.org", limit_per_hour=1)

    scene.send(campaign)

    assert len(catcher.mails) == 1
    assert Delivery.objects.filter(due_at__gt=timezone.now() + timedelta(minutes=50)).count() == 2


@pytest.mark.django_db
def test_the_forecast_follows_the_tightest_limit() -> None:
    campaign = scene.campaign("Ann", limit_per_hour=3600)
    assert pace.allowed(campaign) == pytest.approx(1)

    Transport.objects.update(limit_per_hour=360)
    Transport.objects.create(name="Spare", alias="spare", limit_per_hour=360)

    allowed = pace.allowed(campaign)
    assert allowed == pytest.approx(0.2)
    forecast = reports.forecast(1000, campaign)
    assert forecast is not None
    assert (forecast - timezone.now()).total_seconds() == pytest.approx(1000 / allowed, abs=5)


@pytest.mark.django_db(transaction=True)
def test_the_forecast_and_the_next_slot_know_the_limits_of_domains(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", *(f"reader{number}@big.example.net" for number in range(4)))
    RecipientDomain.objects.create(name="big.example.net", limit_per_hour=2)
    forecast = reports.forecast(5, campaign)
    assert forecast is not None
    assert (forecast - timezone.now()).total_seconds() == pytest.approx(2 * HOUR, abs=5)

    scene.send(campaign)

    progress = reports.progress(campaign)
    assert progress.next_slot_at is not None
    assert timedelta(minutes=15) < progress.next_slot_at - timezone.now() < timedelta(minutes=31)
    assert progress.done_at is not None
    assert progress.done_at > timezone.now() + timedelta(minutes=80)


@pytest.mark.django_db
def test_without_a_limit_nothing_is_foretold() -> None:
    campaign = scene.campaign("Ann")

    assert pace.allowed(campaign) is None
    assert reports.forecast(1000, campaign) is None
