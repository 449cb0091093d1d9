"""A started campaign can be taken back until its first mail leaves."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.delivery import engine, plan, undo
from campaigns.models import Batch, Campaign, Delivery, Edition, Transport
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def a_minute_to_undo(settings: object) -> None:
    settings.UNDO_SECONDS = 60


def time_is_up(campaign: Campaign) -> None:
    past = timezone.now() - timedelta(seconds=1)
    Campaign.objects.filter(pk=campaign.pk).update(leaves_at=past)
    campaign.batches.update(due_at=past)
    campaign.deliveries.update(due_at=past)


def test_all_is_planned_and_nothing_leaves_before_the_time_is_up(catcher: Catcher) -> None:
    campaign = scene.send(scene.campaign("Ann", "Bob"))

    assert (campaign.status, campaign.planned) == ("sending", 2)
    assert campaign.is_ahead
    assert catcher.mails == []

    time_is_up(campaign)
    scene.send(campaign)
    assert len(catcher.mails) == 2
    assert campaign.status == "sent"


def test_a_campaign_that_is_taken_back_leaves_no_trace(catcher: Catcher) -> None:
    other = scene.start(scene.campaign("Zoe"))
    campaign = scene.campaign("Ann", "Bob", canary=1)
    fresh = Campaign.objects.get(pk=campaign.pk)
    fresh.unschedule()
    campaign.schedule(timezone.now(), time_zone="Europe/Berlin", canary=1)
    scene.start(campaign)

    assert undo.stop(campaign)

    changed = {"updated_at"}
    assert {name: value for name, value in facts(campaign).items() if name not in changed} == {
        name: value for name, value in facts(fresh).items() if name not in changed
    }
    assert {row.campaign_id for row in Delivery.objects.all()} == {other.pk}
    assert {row.campaign_id for row in Batch.objects.all()} == {other.pk}
    assert {row.campaign_id for row in Edition.objects.all()} == {other.pk}


def facts(campaign: Campaign) -> dict[str, object]:
    return {field.name: getattr(campaign, field.attname) for field in Campaign._meta.concrete_fields}


def test_what_was_taken_back_can_be_mended_and_sent(catcher: Catcher, settings: object) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    undo.stop(campaign)

    campaign.contents.update(subject="Mended")
    settings.UNDO_SECONDS = 0
    campaign.schedule(timezone.now())
    scene.send(campaign)

    assert [mail.message["Subject"] for mail in catcher.mails] == ["Mended"]
    assert campaign.status == "sent"


def test_a_campaign_that_was_paused_before_its_first_mail_can_be_taken_back(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    campaign.pause()

    assert undo.stop(campaign)
    assert campaign.status == "draft"


def test_once_the_first_mail_may_leave_it_is_too_late(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    time_is_up(campaign)

    assert not undo.stop(campaign)

    campaign.refresh_from_db()
    assert campaign.status == "sending"
    assert campaign.deliveries.count() == 1


def test_it_is_too_late_when_a_lane_has_mails_in_its_hands(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    campaign.batches.update(owner="a lane")

    assert not undo.stop(campaign)

    assert Campaign.objects.get().status == "sending"
    assert campaign.deliveries.count() == campaign.editions.count() == 1


def test_a_worker_that_plans_what_was_taken_back_writes_nothing(catcher: Catcher) -> None:
    scene.campaign("Ann")
    plan.start_due()
    of_the_worker = Campaign.objects.get()
    undo.stop(Campaign.objects.get())

    assert not plan.is_frozen(of_the_worker)
    assert plan.plan_range(of_the_worker)

    assert not Edition.objects.exists()
    assert not Delivery.objects.exists()
    assert Campaign.objects.get().plan_cursor == 0


def test_a_scheduled_campaign_is_planned_ahead_and_leaves_on_time(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann")
    campaign.unschedule()
    at = timezone.now() + timedelta(seconds=59)
    campaign.schedule(at)

    scene.start(campaign)

    assert campaign.status == "sending"
    assert at <= campaign.leaves_at <= at + timedelta(seconds=30)
    assert {row.due_at for row in campaign.batches.all()} == {campaign.leaves_at}


def test_who_stops_at_the_last_moment_stops_everything_or_nothing(catcher: Catcher, settings: object) -> None:
    settings.LANE_SECONDS = 1
    for number in range(4):
        campaign = scene.start(scene.campaign(*(f"Person{number}-{one}" for one in range(20))))
        soon = timezone.now() + timedelta(seconds=0.3)
        Campaign.objects.filter(pk=campaign.pk).update(leaves_at=soon)
        campaign.batches.update(due_at=soon)
        campaign.deliveries.update(due_at=soon)
        before = len(catcher.mails)

        lanes = threading.Thread(target=keep_sending, args=(0.6,))
        lanes.start()
        time.sleep(max(0.0, (soon - timezone.now()).total_seconds() - 0.004 * number))
        stopped = undo.stop(campaign)
        lanes.join()
        scene.send(campaign)

        assert len(catcher.mails) - before == (0 if stopped else 20)
        assert campaign.status == ("draft" if stopped else "sent")


def keep_sending(seconds: float) -> None:
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            if engine.needed_lanes():
                engine.run(Transport.objects.get())
            time.sleep(0.001)
    finally:
        connection.close()
