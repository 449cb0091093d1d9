"""Lanes that die, or that others believe to be dead, and what they had in their hands."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings as django_settings
from django.db import connection

from campaigns import reports
from campaigns.delivery import batches, engine, slots, sweep
from campaigns.delivery.slots import Lost
from campaigns.models import Attempt, Delivery, Slot, Transport
from tests.campaigns.delivery import scene
from tests.campaigns.delivery.lanes import FAR, accept, cut_all_connections, in_hands, lease_ends, one_connection
from tests.campaigns.delivery.scripted import SILENCE, Script, speaking
from tests.catcher import Catcher
from tests.clusters import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

SMTP = "django.core.mail.backends.smtp.EmailBackend"
RUN_A_LANE = """
from campaigns.delivery import engine
from campaigns.models import Transport
engine.run(Transport.objects.get())
"""


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
