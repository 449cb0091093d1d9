"""A lane waits for its database and for its servers at the same time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection

from campaigns.delivery.lines import parcel
from campaigns.delivery.wakeup import Ear
from campaigns.delivery.wires.switchboard import Switchboard
from tests.catcher import Catcher

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite answers at once"),
]

PEOPLE = 20
PATIENCE_SECONDS = 20


@contextmanager
def busy_until_caught(catcher: Catcher) -> Iterator[None]:
    """Whoever wants the lock waits until everybody has their mail, or for ever so long."""
    is_locked = threading.Event()

    def hold() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(1)")
            is_locked.set()
            end = time.monotonic() + PATIENCE_SECONDS
            while len(catcher.mails) < PEOPLE and time.monotonic() < end:
                time.sleep(0.01)
            cursor.execute("SELECT pg_advisory_unlock(1)")
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    is_locked.wait()
    yield
    holder.join()


def mail(number: int) -> EmailMessage:
    return EmailMessage("May", "Hello", "news@example.org", [f"reader{number}@example.org"])


def test_what_is_on_a_wire_goes_on_while_the_database_is_busy(catcher: Catcher) -> None:
    with closing(Switchboard(settings.MAILERS["main"], 1)) as switchboard, busy_until_caught(catcher):
        ear = Ear(switchboard)
        ear.open()
        switchboard.wires[0].begin([parcel(mail(number), number) for number in range(PEOPLE)], time.monotonic() + 60)

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(1)")
        caught = len(catcher.mails)
        ear.close()

    assert caught == PEOPLE


def test_the_database_is_waited_for_as_before_when_the_lane_is_gone(catcher: Catcher) -> None:
    with closing(Switchboard(settings.MAILERS["main"], 1)) as switchboard:
        ear = Ear(switchboard)
        ear.open()
        ear.close()

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
