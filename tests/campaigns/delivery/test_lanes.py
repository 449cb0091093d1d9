"""Lanes that meet, stop or die."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from campaigns import reports
from campaigns.delivery import claims, drain, engine, plan, slots, sweep
from campaigns.delivery.claims import HandOver
from campaigns.models import Attempt, Delivery, Slot, Transport
from tests.campaigns.delivery import scene
from tests.campaigns.delivery.scripted import SILENCE, Script, speaking
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)

RUN_A_LANE = """
from campaigns.delivery import engine
from campaigns.models import Transport
engine.run(Transport.objects.get())
"""


def run_lanes(number: int) -> None:
    at_once(number, lambda: engine.run(Transport.objects.get()))


def at_once(number: int, work: Callable[[], object]) -> None:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _worker in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)


def test_lanes_that_work_at_the_same_time_mail_nobody_twice(catcher: Catcher) -> None:
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


def test_a_slot_has_one_owner_until_its_lease_ends(catcher: Catcher) -> None:
    scene.campaign("Ann")
    transport = Transport.objects.get()
    Transport.objects.update(connections=1)
    transport.refresh_from_db()

    first = slots.take(transport, "first")
    assert first is not None
    assert slots.take(transport, "second") is None
    assert slots.keep(first, "first")

    Slot.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert slots.take(transport, "second") is not None
    assert not slots.keep(first, "first")


def test_a_lane_is_asked_for_once_however_many_ask(catcher: Catcher) -> None:
    scene.campaign("Ann")
    transport = Transport.objects.get()

    assert slots.nudge(transport) == transport.connections
    assert slots.nudge(transport) == 0

    Slot.objects.update(nudged_at=timezone.now() - 2 * slots.NUDGE)
    assert slots.nudge(transport) == transport.connections


@contextmanager
def lane_in_a_process(script: Script, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    mailer = f"main=smtp://127.0.0.1:{script.port}?tls=none"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-c", RUN_A_LANE],
        env=environment | {"MAILERS": mailer},
        cwd=django_settings.BASE_DIR,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_only_what_was_handed_over_is_in_doubt_after_a_kill(
    catcher: Catcher, process_environment: dict[str, str]
) -> None:
    campaign = scene.start(scene.campaign(*(f"Person{number}" for number in range(10))))
    with speaking(END=["250 fine"] * 5 + [SILENCE]) as script, lane_in_a_process(script, process_environment):
        wait_until(lambda: script.commands.count(".") == 6)
        # Killed while the server ponders over the sixth: four are written down, the second four are in hand.
    assert Counter(Delivery.objects.values_list("status", flat=True)) == {"sent": 4, "sending": 4, "claimed": 2}

    Delivery.objects.exclude(leased_until=None).update(leased_until=timezone.now() - timedelta(seconds=1))
    Slot.objects.update(leased_until=None)
    sweep.requeue_abandoned()
    scene.send(campaign)

    assert str(reports.ledger(campaign)) == "planned=10 sent=6 failed=0 skipped=0 uncertain=4"
    assert len(catcher.mails) == 2
    assert Attempt.objects.filter(delivery__status="uncertain", outcome="unknown").count() == 4
    assert campaign.status == "sent"


def test_a_lane_that_was_given_up_too_early_still_knows_better(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    transport = Transport.objects.get()
    (number,) = claims.claim(campaign, transport, "slow lane", 10)
    delivery = Delivery.objects.get(pk=number)
    assert HandOver(campaign, "slow lane").of([delivery]) == {number}
    Delivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))

    sweep.requeue_abandoned()
    assert Delivery.objects.get().status == "uncertain"

    scene.accept(delivery, "slow lane")
    assert Delivery.objects.get().status == "sent"


def test_an_outcome_is_written_once_however_often_it_is_reported(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    (number,) = claims.claim(campaign, Transport.objects.get(), "lane", 10)
    delivery = Delivery.objects.get(pk=number)
    HandOver(campaign, "lane").of([delivery])

    scene.accept(delivery, "lane")
    scene.accept(delivery, "lane")

    assert Attempt.objects.count() == 1
    assert Delivery.objects.get().tries == 1


def test_a_claim_that_was_lost_is_not_handed_over(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    (number,) = claims.claim(campaign, Transport.objects.get(), "slow lane", 10)
    Delivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    sweep.requeue_abandoned()

    assert HandOver(campaign, "slow lane").of([Delivery.objects.get(pk=number)]) == set()
    assert Delivery.objects.get().status == "queued"


def test_a_pause_stops_what_is_claimed_but_not_handed_over(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    (number,) = claims.claim(campaign, Transport.objects.get(), "lane", 10)

    campaign.pause()

    assert HandOver(campaign, "lane").of([Delivery.objects.get(pk=number)]) == set()
    assert Delivery.objects.get().status == "claimed"


def test_a_lane_that_is_told_to_stop_puts_everything_back(catcher: Catcher, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.start(scene.campaign("Ann", "Bob"))
    monkeypatch.setattr(drain, "_flag", bytearray(b"\x01"))

    engine.run(Transport.objects.get())

    assert catcher.mails == []
    assert set(Delivery.objects.values_list("status", flat=True)) == {"queued"}
    assert set(Slot.objects.values_list("owner", flat=True)) == {""}


def cut_all_connections(*_arguments: object) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    finally:
        connection.close()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connections to cut")
def test_what_a_lane_knows_outlives_the_loss_of_its_database(
    catcher: Catcher, settings: object, caplog: pytest.LogCaptureFixture
) -> None:
    campaign = scene.start(scene.campaign(*(f"Person{number}" for number in range(10))))
    with speaking() as script:
        script.after_message = lambda number: cut_all_connections() if number in {3, 10} else None
        settings.MAILERS = {"main": {"BACKEND": catcher.mailer()["BACKEND"], "OPTIONS": script.options()}}
        engine.run(Transport.objects.get())

    assert [record.message for record in caplog.records] == ["The database is away; the lane waits."] * 2
    assert script.commands.count(".") == 10
    assert Attempt.objects.count() == 10
    sweep.finish_done()
    campaign.refresh_from_db()
    assert campaign.status == "sent"
    assert str(reports.ledger(campaign)) == "planned=10 sent=10 failed=0 skipped=0 uncertain=0"
