"""Nudges: what they start, and that they cost little."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_q.models import OrmQ

from campaigns import tasks
from campaigns.models import Delivery, StoredFile, Transport
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def queued() -> list[str]:
    return [str(row.task["func"]) for row in OrmQ.objects.order_by("pk")]


def test_a_tick_plans_what_is_due_and_asks_for_lanes(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob")

    tasks.tick()

    assert Delivery.objects.filter(campaign=campaign, status="queued").count() == 2
    assert queued() == ["campaigns.tasks.lane"] * Transport.objects.get().connections


def test_ticks_that_come_often_ask_once(catcher: Catcher) -> None:
    scene.campaign("Ann", "Bob")

    for _second in range(3):
        tasks.tick()

    assert len(queued()) == Transport.objects.get().connections


def test_a_lane_sends_and_asks_for_another_only_if_more_is_due(catcher: Catcher, settings: object) -> None:
    settings.LANE_SECONDS = 1
    scene.start(scene.campaign("Ann", "Bob"))

    tasks.lane(Transport.objects.get().pk)

    assert len(catcher.mails) == 2
    # Where lanes can be called by a bell, one stands by.
    assert len(queued()) == (1 if connection.vendor == "postgresql" else 0)


def test_a_lane_for_a_transport_that_was_deleted_does_nothing(catcher: Catcher) -> None:
    tasks.lane(4711)

    assert queued() == []


def test_a_nudge_waits_for_the_commit_it_belongs_to() -> None:
    with transaction.atomic():
        tasks.nudge()
        assert queued() == []

    assert queued() == ["campaigns.tasks.tick"]


def test_a_tick_with_nothing_to_do_is_cheap(
    catcher: Catcher, django_assert_max_num_queries: Callable[..., object]
) -> None:
    scene.send(scene.campaign("Ann"))
    tasks.tick()

    # One or two for each thing that may be due; more would be a loop over rows.
    with django_assert_max_num_queries(28):
        tasks.tick()


def test_a_storage_that_fails_stops_no_campaign(catcher: Catcher, settings: object, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "attached" / "not-empty").mkdir(parents=True)
    long_ago = timezone.now() - timedelta(days=9)
    StoredFile.objects.create(digest="x", size=1, file="attached", used_at=long_ago)
    scene.campaign("Ann")

    with pytest.raises(OSError, match="not empty"):
        tasks.tick()

    assert "campaigns.tasks.lane" in queued()


def test_a_resting_transport_gets_no_lane(catcher: Catcher) -> None:
    scene.start(scene.campaign("Ann"))
    Transport.objects.update(resting_until=scene.in_an_hour())

    tasks.tick()

    assert queued() == []
