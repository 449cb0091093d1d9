"""Several lanes at once, and lanes that are not there: only what they wrote is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from campaigns.delivery import batches, engine, ledger, slots
from campaigns.delivery.desk import Desk, Mail
from campaigns.delivery.ledger import Tried
from campaigns.delivery.replies import Outcome
from campaigns.models import Attempt, Campaign, Slot, Transport
from tests.campaigns.delivery import scene

# A lane on a machine of which nothing is known here.
FAR = "elsewhere:1:2::lane"


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


def in_a_thread(work: Callable[[], object]) -> None:
    at_once(1, work)


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


def cut_all_connections() -> None:
    """Those of everybody to the database, the caller's too."""
    in_a_thread(cut_other_connections)


def cut_other_connections() -> int:
    """How many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        (number,) = cursor.fetchone()
    return number
