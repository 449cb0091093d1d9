"""Finds out who of many is new and who would change, so that those who stay as they are never leave the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection

from subscribers.models import Subscriber, Suppression
from subscribers.transfer.blocks import Block
from subscribers.transfer.loading import copy_lines, is_postgresql
from subscribers.transfer.spelled import FIELDS

_TABLE: Final = "given_people"
_CREATE: Final = f"""
CREATE TEMP TABLE IF NOT EXISTS {_TABLE} (
    place int, email text, fingerprint text,
    first_name text, last_name text, language text, time_zone text, attributes jsonb
) ON COMMIT DELETE ROWS
"""
_STOPPED: Final = """EXISTS (
    SELECT FROM subscribers_suppression stop WHERE stop.fingerprint = given.fingerprint
    AND (stop.expires_at IS NULL OR stop.expires_at > now()) AND stop.reason <> 'paused'
)"""
# What is not stated is blank, and leaves everybody as they are.
_DIFFERING: Final = f"""
SELECT given.place, person.id IS NULL AND NOT {_STOPPED}
FROM {_TABLE} given LEFT JOIN subscribers_subscriber person ON person.email = given.email
WHERE person.id IS NULL OR %s OR NOT (
    given.first_name IN ('', person.first_name) AND given.last_name IN ('', person.last_name)
    AND given.language IN ('', person.language) AND given.time_zone IN ('', person.time_zone)
    AND person.attributes @> given.attributes
    AND (SELECT count(*) FROM subscribers_subscription link WHERE link.subscriber_id = person.id
         AND (link.expires_at IS NULL OR link.expires_at >= %s)
         AND link.status = 'active' AND link.mailing_list_id = ANY(%s)) = %s
) OR {_STOPPED}
"""


def compare(block: Block, lists: Sequence[int], *, until: datetime, all_change: bool) -> tuple[list[int], set[int]]:
    """The places of those who are new, and of those at whom the import has to look more closely.

    Consent that ends before `until` would be renewed. Call it within a transaction.
    """
    if not block:
        return [], set()
    places = _places(block, lists, until, all_change=all_change) if is_postgresql() else _places_elsewhere(block)
    return [place for place, is_new in places if is_new], {place for place, is_new in places if not is_new}


def _places(block: Block, lists: Sequence[int], until: datetime, *, all_change: bool) -> list[tuple[int, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        copy_lines(_TABLE, ("place", *FIELDS), range(len(block)), block.lines)
        cursor.execute(_DIFFERING, [all_change, until, list(lists), len(lists)])
        places: list[tuple[int, bool]] = cursor.fetchall()
        cursor.execute(f"TRUNCATE {_TABLE}")
    return places


def _places_elsewhere(block: Block) -> list[tuple[int, bool]]:
    """Whoever is known may change."""
    known = set(Subscriber.objects.filter(email__among=block.emails).values_list("email", flat=True))
    stops = Suppression.objects.refusing().filter(fingerprint__among=block.fingerprints)
    stopped = set(stops.values_list("fingerprint", flat=True))
    people = enumerate(zip(block.emails, block.fingerprints, strict=True))
    return [(at, email not in known and fingerprint not in stopped) for at, (email, fingerprint) in people]
