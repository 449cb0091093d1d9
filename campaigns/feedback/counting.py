"""Openings and clicks: by person of those who agreed, of all others in sums."""

from __future__ import annotations

import atexit
import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Final

from campaigns.prepared import Table, run

from . import persons, suspicion
from .buffer import Buffer
from .hits import Hit

SUMS: Final = Table("hit", edition="bigint", link="integer", is_suspect="boolean", hour="timestamptz", number="integer")


def count(edition: int, delivery: int, link: int, *, is_suspect: bool) -> None:
    buffer.add(Hit(edition, delivery, link, is_suspect, time.time()))


def write(hits: Sequence[Hit]) -> None:
    """Whatever fails on the way, all of it may be written again: events are there once, and sums come last."""
    named = [hit for hit in hits if hit.delivery]
    nobodys = [hit for hit in hits if not hit.delivery]
    if named:
        nobodys += persons.write(named)
        suspicion.settle(_clicks(named))
    if sums := Counter((hit.edition, hit.link, hit.is_suspect, hit.hour) for hit in nobodys):
        _write_sums(sums)


def _clicks(hits: Iterable[Hit]) -> dict[int, set[suspicion.Click]]:
    """By mail."""
    found: dict[int, set[suspicion.Click]] = {}
    for hit in hits:
        if hit.link:
            found.setdefault(hit.delivery, set()).add((hit.link, hit.moment))
    return found


def _write_sums(sums: Counter[tuple[int, int, bool, datetime]]) -> None:
    rows = [
        {"edition": edition, "link": link, "is_suspect": is_suspect, "hour": hour, "number": number}
        for (edition, link, is_suspect, hour), number in sums.items()
    ]
    run(_add_sums(), [SUMS.parameter(rows)])


@cache
def _add_sums() -> str:
    """In one order everywhere, so that no two processes wait for each other."""
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
