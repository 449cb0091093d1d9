"""Lanes that meet, and lanes that are told to stop."""

from __future__ import annotations

from collections import Counter

import pytest
from django.utils import timezone

from campaigns.delivery import batches, drain, engine, plan, slots, sweep
from campaigns.delivery.desk import Desk
from campaigns.delivery.slots import Lost
from campaigns.models import Delivery, Slot, Transport
from tests.campaigns.delivery import scene
from tests.campaigns.delivery.lanes import FAR, at_once, in_a_thread, lease_ends, one_connection, run_lanes
from tests.campaigns.delivery.scripted import speaking
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def test_lanes_that_work_at_the_same_time_mail_nobody_twice(catcher: Catcher, settings: object) -> None:
    settings.LANE_CONNECTIONS = 1
    campaign = scene.start(scene.campaign(*(f"Person{number}" for number in range(120))))
    Transport.objects.update(connections=4)

    run_lanes(4)
    scene.send(campaign)

    mails = Counter(mail.recipient for mail in catcher.mails)
    assert len(mails) == 120
    assert set(mails.values()) == {1}
    assert campaign.status == "sent"


def test_workers_that_plan_at_the_same_time_plan_everybody_once(
    catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "RANGE", 5)
    campaign = scene.campaign(*(f"Person{number}" for number in range(42)))
    campaign.start()

    at_once(3, lambda: plan.continue_planning(60))

    campaign.refresh_from_db()
    assert campaign.planned == Delivery.objects.count() == 42
    assert campaign.editions.count() == 1


def test_no_more_connections_are_open_than_the_transport_allows(catcher: Catcher) -> None:
    scene.start(scene.campaign(*(f"Person{number}" for number in range(40))))
    Transport.objects.update(connections=2)

    run_lanes(6)

    assert catcher.connections <= 2
    assert Slot.objects.count() == 2


def test_a_slot_has_one_owner_until_the_sweeper_finds_its_lease_over(catcher: Catcher) -> None:
    scene.campaign("Ann")
    transport = scene.transport()

    assert len(slots.take(transport, FAR, 9)) == transport.connections
    assert slots.take(transport, "second", 9) == []
    slots.keep(FAR, transport.connections)

    lease_ends()
    assert slots.take(transport, "second", 9) == []
    sweep.settle_lost_lanes()
    assert len(slots.take(transport, "second", 1)) == 1
    with pytest.raises(Lost):
        slots.keep(FAR, transport.connections)


def test_a_lane_is_asked_for_once_however_many_ask(catcher: Catcher) -> None:
    scene.campaign("Ann")
    transport = Transport.objects.get()

    assert slots.nudge(transport) == transport.connections
    assert slots.nudge(transport) == 0

    Slot.objects.update(nudged_at=timezone.now() - 2 * slots.NUDGE)
    assert slots.nudge(transport) == transport.connections


def test_a_pause_stops_what_is_claimed_and_not_yet_handed_over(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    slots.take(scene.transport(), FAR, 1)
    batch = batches.claim(campaign, FAR)
    assert batch

    campaign.pause()

    assert Desk(campaign).waiting(batch.pk, 0, 16) == []


@pytest.mark.parametrize(("verb", "then"), [("pause", "queued"), ("cancel", "skipped")])
def test_a_verb_takes_effect_within_one_window(settings: object, verb: str, then: str) -> None:
    settings.HAND_OVER = 4
    campaign = scene.start(scene.campaign(*(f"Person{number}" for number in range(20))))
    one_connection()
    with speaking() as script:
        script.after_message = lambda number: in_a_thread(getattr(campaign, verb)) if number == 6 else None
        settings.MAILERS = {"main": {"BACKEND": SMTP, "OPTIONS": script.options()}}
        engine.run(Transport.objects.get())
        sweep.skip_cancelled()

    assert script.commands.count(".") == 8
    assert Counter(Delivery.objects.values_list("status", flat=True)) == {"sent": 8, then: 12}
    assert set(campaign.batches.values_list("owner", flat=True)) == {""}


def test_a_lane_that_is_told_to_stop_puts_everything_back(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann", "Bob"))
    drain.renew().set()
    try:
        engine.run(Transport.objects.get())
    finally:
        drain.renew()

    assert catcher.mails == []
    assert campaign.deliveries.queued().count() == 2
    assert set(campaign.batches.values_list("owner", flat=True)) == {""}
    assert set(Slot.objects.values_list("owner", flat=True)) == {""}
