"""Somebody hears at once that a mail was written; if nobody does, the tick sends it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django_q.models import OrmQ

from campaigns import tasks
from campaigns.delivery import engine, wakeup
from campaigns.models import Slot, Transport
from tests.campaigns.delivery.lanes import cut_other_connections
from tests.campaigns.outgoing import post
from tests.catcher import Catcher
from tests.clusters import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="Only PostgreSQL rings")


@contextmanager
def standing_by(settings: object, seconds: int = 20) -> Iterator[threading.Thread]:
    settings.LANE_SECONDS = seconds

    def stand_by() -> None:
        try:
            engine.run(Transport.objects.get(), lingers=True)
        finally:
            connection.close()

    lane = threading.Thread(target=stand_by)
    lane.start()
    wait_until(lambda: Slot.objects.exclude(owner="").exists())
    try:
        yield lane
    finally:
        Transport.objects.update(is_active=False)
        lane.join()


@postgresql
def test_a_lane_that_stands_by_sends_what_is_committed_and_not_before(catcher: Catcher, settings: object) -> None:
    with standing_by(settings):
        with transaction.atomic():
            post.letter("Hello").send()
            time.sleep(0.3)
            assert catcher.mails == []

        wait_until(lambda: len(catcher.mails) == 1)
        post.letter("Once more").send()
        wait_until(lambda: len(catcher.mails) == 2)

    # It was kept for the second mail.
    assert catcher.connections <= 2


@postgresql
def test_a_lane_whose_ear_was_cut_off_still_sends(
    catcher: Catcher, settings: object, caplog: pytest.LogCaptureFixture
) -> None:
    with standing_by(settings):
        post.letter("Before").send()
        wait_until(lambda: post.outcomes() == {"sent": 1})

        # The lane asks again a second later, and by then the mail shall be there: a lane that finds nothing ends.
        with transaction.atomic():
            post.letter("After").send()
            assert cut_other_connections()

        wait_until(lambda: len(catcher.mails) == 2)


@postgresql
def test_one_lane_stands_by_on_the_best_way(settings: object) -> None:
    Transport.objects.create(name="Spare", alias="spare", priority=90)

    assert engine.standby() == Transport.objects.get(alias="main")

    tasks.call_lanes()
    tasks.call_lanes()

    (task,) = OrmQ.objects.all()
    assert (task.func(), task.args()) == ("campaigns.tasks.lane", (Transport.objects.get(alias="main").pk,))


@postgresql
def test_where_a_lane_stands_by_no_other_is_called(settings: object) -> None:
    with standing_by(settings):
        assert engine.standby() is None


@postgresql
def test_a_single_worker_stands_nowhere(settings: object) -> None:
    settings.Q_CLUSTER = settings.Q_CLUSTER | {"workers": 1}

    assert engine.standby() is None


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL rings instead")
def test_elsewhere_lanes_are_called_after_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wakeup, "_nudged_at", 0.0)

    with transaction.atomic():
        post.letter("Hello").send()
        assert OrmQ.objects.count() == 0

    assert [task.func() for task in OrmQ.objects.all()] == ["campaigns.tasks.call_lanes"]


def test_if_nobody_hears_it_the_tick_calls_a_lane(catcher: Catcher) -> None:
    post.letter("Hello").send()
    OrmQ.objects.all().delete()

    tasks.tick()

    assert "campaigns.tasks.lane" in {task.func() for task in OrmQ.objects.all()}
