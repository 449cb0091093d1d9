"""Openings and clicks: by person of those who agreed, of all others in sums."""

from __future__ import annotations

import atexit
import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from django.db import connection, transaction

from campaigns.models import Delivery, Edition, Event, Hits

from . import suspicion
from .buffer import Buffer

OPENED: Final = 0
# Rows of one statement, each with five values: SQLite takes no more of these than 32,766.
ROWS: Final = 1000


class Hit(NamedTuple):
    edition: int
    # 0: of nobody in particular.
    delivery: int
    # 0: the mail was opened.
    link: int
    is_suspect: bool
    # Seconds since 1970.
    at: float

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.at, UTC)

    @property
    def hour(self) -> datetime:
        return self.moment.replace(minute=0, second=0, microsecond=0)


def count(edition: int, delivery: int, link: int, *, is_suspect: bool) -> None:
    buffer.add(Hit(edition, delivery, link, is_suspect, time.time()))


def write(hits: Sequence[Hit]) -> None:
    """Whatever fails on the way, all of it may be written again: events are there once, and sums come last."""
    if own := sorted(hit for hit in hits if hit.delivery):
        _write_events(own)
        suspicion.settle(_clicks(own))
    if sums := Counter((hit.edition, hit.link, hit.is_suspect, hit.hour) for hit in hits if not hit.delivery):
        _write_sums(sums)


def _write_events(hits: Sequence[Hit]) -> None:
    """In one order everywhere, so that no two processes wait for each other."""
    numbers = {hit.delivery for hit in hits}
    editions = dict(Delivery.objects.filter(pk__in=numbers).values_list("pk", "edition"))
    events = [
        Event(
            delivery_id=hit.delivery,
            kind=Event.Kind.CLICKED if hit.link else Event.Kind.OPENED,
            link=hit.link,
            is_suspect=hit.is_suspect,
            happened_at=hit.moment,
        )
        for hit in hits
        # Nobody's, if the mail is gone or was sent in another edition.
        if editions.get(hit.delivery) == hit.edition
    ]
    Event.objects.bulk_create(events, ignore_conflicts=True)


def _clicks(hits: Iterable[Hit]) -> dict[int, set[suspicion.Click]]:
    """By mail."""
    found: dict[int, set[suspicion.Click]] = {}
    for hit in hits:
        if hit.link:
            found.setdefault(hit.delivery, set()).add((hit.link, hit.moment))
    return found


@transaction.atomic
def _write_sums(sums: Counter[tuple[int, int, bool, datetime]]) -> None:
    known = set(Edition.objects.filter(pk__in={key[0] for key in sums}).values_list("pk", flat=True))
    as_stored = connection.ops.adapt_datetimefield_value
    rows = [
        (edition, link, is_suspect, as_stored(hour), number)
        for (edition, link, is_suspect, hour), number in sorted(sums.items())
        if edition in known
    ]
    quote, table = connection.ops.quote_name, Hits._meta.db_table
    with connection.cursor() as cursor:
        for at in range(0, len(rows), ROWS):
            some = rows[at : at + ROWS]
            cursor.execute(
                f"INSERT INTO {quote(table)} (edition_id, link, is_suspect, hour, number)"
                f" VALUES {', '.join(['(%s, %s, %s, %s, %s)'] * len(some))}"
                " ON CONFLICT (edition_id, link, is_suspect, hour)"
                f" DO UPDATE SET number = {quote(table)}.number + excluded.number",
                [value for row in some for value in row],
            )


buffer = Buffer(write)
atexit.register(lambda: buffer.close())
os.register_at_fork(after_in_child=lambda: buffer.begin_anew())
