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
from campaigns.delivery import batches, drain, engine, ledger, plan, slots, sweep
from campaigns.delivery.desk import Desk, Mail
from campaigns.delivery.ledger import Tried
from campaigns.delivery.replies import Outcome
from campaigns.delivery.slots import Lost
from campaigns.models import Attempt, Campaign, Delivery, Slot, Transport
from tests.campaigns.delivery import scene
from tests.campaigns.delivery.scripted import SILENCE, Script, speaking
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)

SMTP = "django.core.mail.backends.smtp.EmailBackend"
# A lane on a machine of which nothing is known here.
FAR = "elsewhere:1:2::lane"
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


def one_connection() -> None:
    Transport.objects.update(connections=1)


def lease_ends() -> None:
    Slot.objects.exclude(owner="").update(leased_until=timezone.now() - timedelta(seconds=1))


def in_hands(campaign: Campaign, owner: str) -> list[Mail]:
    """A lane has claimed a batch of them and put the first one on a wire."""
    slot, *_others = slots.take(scene.transport(), owner, 1)
    batch = batches.claim(campaign, owner)
    assert batch
    mails = Desk(campaign).waiting(batch.pk, 0, 16)
    slots.put_on_wire(owner, {slot.pk: ([mails[0].number], {})})
    return mails


def accept(mail: Mail) -> None:
    """What a lane writes when the server took the mail."""
    ledger.record([Tried(mail, Outcome(Attempt.Outcome.ACCEPTED, 250), timezone.now())], None)


def in_a_thread(work: Callable[[], object]) -> None:
    at_once(1, work)


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)


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
    one_connection()
    environment = process_environment | {"HAND_OVER": "4"}
    with speaking(END=["250 fine"] * 5 + [SILENCE]) as script, lane_in_a_process(script, environment):
        wait_until(lambda: script.commands.count(".") == 6)
        # Killed while the server ponders over the sixth: four are written down, the second four are on the wire.
    assert Counter(Delivery.objects.values_list("status", flat=True)) == {"sent": 4, "queued": 6}
    on_wire = Slot.objects.get().window
    assert len(on_wire) == 4

    sweep.settle_lost_lanes()
    scene.send(campaign)

    assert str(reports.ledger(campaign)) == "planned=10 sent=6 failed=0 skipped=0 uncertain=4"
    assert len(catcher.mails) == 2
    in_doubt = Attempt.objects.filter(delivery__status="uncertain", outcome="unknown")
    assert sorted(in_doubt.values_list("delivery", flat=True)) == sorted(on_wire)
    assert campaign.status == "sent"


def test_what_a_lane_on_another_machine_had_is_taken_over_when_its_lease_ends(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann", "Bob"))
    mail, other = in_hands(campaign, FAR)
    sweep.settle_lost_lanes()
    assert campaign.deliveries.queued().count() == 2

    lease_ends()
    sweep.settle_lost_lanes()
    scene.send(campaign)

    assert campaign.deliveries.get(status="uncertain").pk == mail.number
    assert [caught.recipient for caught in catcher.mails] == [other.recipient.email]


def test_a_lane_that_was_given_up_too_early_still_knows_better(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    (mail,) = in_hands(campaign, FAR)
    lease_ends()

    sweep.settle_lost_lanes()
    assert Delivery.objects.get().status == "uncertain"

    accept(mail)
    assert Delivery.objects.get().status == "sent"


def test_an_outcome_is_written_once_however_often_it_is_reported(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    (mail,) = in_hands(campaign, FAR)

    accept(mail)
    accept(mail)

    assert Attempt.objects.count() == 1
    assert Delivery.objects.get().tries == 1


def test_a_lane_that_lost_its_slots_hands_nothing_over_and_takes_nothing(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    slot, *_others = slots.take(scene.transport(), FAR, 1)
    lease_ends()
    sweep.settle_lost_lanes()

    with pytest.raises(Lost):
        slots.put_on_wire(FAR, {slot.pk: ([1], {})})
    with pytest.raises(Lost):
        batches.claim(campaign, FAR)

    slot.refresh_from_db()
    assert (slot.window, slot.owner) == ([], "")
    assert campaign.batches.get().owner == ""


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
    settings.HAND_OVER = 4
    campaign = scene.start(scene.campaign(*(f"Person{number}" for number in range(10))))
    one_connection()
    with speaking() as script:
        script.after_message = lambda number: cut_all_connections() if number in {3, 10} else None
        settings.MAILERS = {"main": {"BACKEND": SMTP, "OPTIONS": script.options()}}
        engine.run(Transport.objects.get())

    assert {record.message for record in caplog.records} == {"The database is away; the lane waits."}
    assert script.commands.count(".") == 10
    assert Attempt.objects.count() == 10
    sweep.finish_done()
    campaign.refresh_from_db()
    assert campaign.status == "sent"
    assert str(reports.ledger(campaign)) == "planned=10 sent=10 failed=0 skipped=0 uncertain=0"
