"""Openings and clicks: by person of those who agreed, of all others in sums."""

from __future__ import annotations

import atexit
import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Final, NamedTuple

from campaigns.models import Event
from campaigns.prepared import Table, run

from . import suspicion
from .buffer import Buffer

OPENED: Final = 0
EVENTS: Final = Table(
    "hit", edition="bigint", delivery="bigint", link="integer", is_suspect="boolean", at="timestamptz"
)
SUMS: Final = Table("hit", edition="bigint", link="integer", is_suspect="boolean", hour="timestamptz", number="integer")


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
    # The first of each link of a mail.
    own = {hit[:4]: hit for hit in reversed(hits) if hit.delivery}
    if own:
        _write_events(own.values())
        suspicion.settle(_clicks(own.values()))
    if sums := Counter((hit.edition, hit.link, hit.is_suspect, hit.hour) for hit in hits if not hit.delivery):
        _write_sums(sums)


def _clicks(hits: Iterable[Hit]) -> dict[int, set[suspicion.Click]]:
    """By mail."""
    found: dict[int, set[suspicion.Click]] = {}
    for hit in hits:
        if hit.link:
            found.setdefault(hit.delivery, set()).add((hit.link, hit.moment))
    return found


def _write_events(hits: Iterable[Hit]) -> None:
    """Nobody's, if the mail is gone or was sent in another edition."""
    rows = [
        {
            "edition": hit.edition,
            "delivery": hit.delivery,
            "link": hit.link,
            "is_suspect": hit.is_suspect,
            "at": hit.moment,
        }
        for hit in hits
    ]
    run(_insert_events(), [EVENTS.parameter(rows)])


def _write_sums(sums: Counter[tuple[int, int, bool, datetime]]) -> None:
    rows = [
        {"edition": edition, "link": link, "is_suspect": is_suspect, "hour": hour, "number": number}
        for (edition, link, is_suspect, hour), number in sums.items()
    ]
    run(_add_sums(), [SUMS.parameter(rows)])


# In one order everywhere, so that no two processes wait for each other. Without a WHERE, SQLite would take the
# conflict for the condition of a join.


@cache
def _insert_events() -> str:
    return f"""
        INSERT INTO campaigns_event (delivery_id, kind, link, is_suspect, happened_at)
        SELECT delivery.id, CASE hit.link WHEN {OPENED} THEN '{Event.Kind.OPENED}' ELSE '{Event.Kind.CLICKED}' END,
            hit.link, hit.is_suspect, hit.at
        FROM {EVENTS.source} JOIN campaigns_delivery AS delivery ON delivery.id = hit.delivery
        WHERE delivery.edition_id = hit.edition
        ORDER BY delivery.id, hit.link, hit.is_suspect
        ON CONFLICT DO NOTHING"""


@cache
def _add_sums() -> str:
    return f"""
        INSERT INTO campaigns_hits (edition_id, link, is_suspect, hour, number)
        SELECT edition.id, hit.link, hit.is_suspect, hit.hour, hit.number
        FROM {SUMS.source} JOIN campaigns_edition AS edition ON edition.id = hit.edition
        WHERE hit.number > 0
        ORDER BY edition.id, hit.link, hit.is_suspect, hit.hour
        ON CONFLICT (edition_id, link, is_suspect, hour)
        DO UPDATE SET number = campaigns_hits.number + excluded.number"""


buffer = Buffer(write)
atexit.register(lambda: buffer.close())
os.register_at_fork(after_in_child=lambda: buffer.begin_anew())
