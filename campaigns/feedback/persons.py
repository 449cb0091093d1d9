"""Openings and clicks by person: a row each, of whoever agrees today, whatever they wanted when the mail was sent."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from django.db import connection

from campaigns.models import Delivery, Event
from campaigns.prepared import Row, Table, run

from .hits import Hit
from .suspicion import INSTANT

OPENED: Final = 0
HITS: Final = Table(
    "hit",
    place="integer",
    edition="bigint",
    delivery="bigint",
    link="integer",
    is_suspect="boolean",
    at="timestamptz",
    soon="timestamptz",
)


def write(hits: Sequence[Hit]) -> list[Hit]:
    """All of them name a mail. Returns those of nobody, because the reader said nothing or is gone.

    Nothing becomes of those of readers who refuse, and of mails that are gone or were sent in another edition. A click
    that comes sooner than anybody reads is suspect; one that names no mail never is, as nobody knows when it was sent.
    """
    rows = [
        {
            "place": place,
            "edition": hit.edition,
            "delivery": hit.delivery,
            "link": hit.link,
            "is_suspect": hit.is_suspect,
            "at": (moment := hit.moment),
            "soon": moment - INSTANT,
        }
        for place, hit in enumerate(hits)
    ]
    others = _write(HITS.parameter(rows))
    return [hits[place]._replace(delivery=0, is_suspect=bool(is_suspect)) for place, is_suspect in others]


def _write(parameter: str) -> list[Row]:
    if connection.vendor == "postgresql":
        return run(f"{_known()}, written AS ({_insert()}) {_others()}", [parameter])
    # It writes only at the end of a statement.
    run(f"{_known()} {_insert()}", [parameter])
    return run(f"{_known()} {_others()}", [parameter])


@cache
def _known() -> str:
    """Of a mail that is just being handed over nothing is written yet, but scanners on the way have it already."""
    return f"""
        WITH known AS (
            SELECT hit.place, hit.delivery, hit.link, hit.at, person.may_track, hit.is_suspect OR hit.link <> {OPENED}
                AND COALESCE(delivery.finished_at > hit.soon, FALSE)
                OR hit.link <> {OPENED} AND delivery.status = '{Delivery.Status.QUEUED}' AND delivery.tries = 0
                AS is_suspect
            FROM {HITS.source} JOIN campaigns_delivery AS delivery ON delivery.id = hit.delivery
            LEFT JOIN subscribers_subscriber AS person ON person.id = delivery.subscriber_id
            WHERE delivery.edition_id = hit.edition AND person.may_track IS NOT FALSE
        )"""


@cache
def _insert() -> str:
    """The first of each link, in one order everywhere, so that no two processes wait for each other.

    Without a WHERE, SQLite would take the conflict for the condition of a join.
    """
    return f"""
        INSERT INTO campaigns_event (delivery_id, kind, link, is_suspect, happened_at)
        SELECT delivery, CASE link WHEN {OPENED} THEN '{Event.Kind.OPENED}' ELSE '{Event.Kind.CLICKED}' END,
            link, is_suspect, at
        FROM known WHERE may_track
        ORDER BY delivery, link, is_suspect, at
        ON CONFLICT DO NOTHING"""


def _others() -> str:
    return "SELECT place, is_suspect FROM known WHERE may_track IS NULL"
