"""Lets PostgreSQL find out who of many would change, so that those who stay as they are never leave it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection

from subscribers.transfer.blocks import Block
from subscribers.transfer.loading import copy, texts
from subscribers.transfer.spelled import attributes, detail

_TABLE: Final = "given_people"
_CREATE: Final = f"""
CREATE TEMP TABLE IF NOT EXISTS {_TABLE} (
    place int, email text, first_name text, last_name text, language text, time_zone text, attributes jsonb
) ON COMMIT DELETE ROWS
"""
# What is not stated is blank, and leaves everybody as they are.
_DIFFERING: Final = f"""
SELECT given.place FROM {_TABLE} given JOIN subscribers_subscriber person ON person.email = given.email
WHERE NOT (
    given.first_name IN ('', person.first_name) AND given.last_name IN ('', person.last_name)
    AND given.language IN ('', person.language) AND given.time_zone IN ('', person.time_zone)
    AND person.attributes @> given.attributes
    AND (SELECT count(*) FROM subscribers_subscription link WHERE link.subscriber_id = person.id
         AND (link.expires_at IS NULL OR link.expires_at >= %s)
         AND link.status = 'active' AND link.mailing_list_id = ANY(%s)) = %s
)
"""


def differing(block: Block, lists: Sequence[int], until: datetime) -> set[int]:
    """The places in the block of those who would change, or of whom the import has to look at more than this.

    Everybody in it is known. Consent that ends before `until` would be renewed. Only on PostgreSQL, within a
    transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        columns = {
            "place": texts(range(len(block))),
            "email": block.emails,
            **{name: detail(block, name) for name in ("first_name", "last_name", "language", "time_zone")},
            "attributes": attributes(block),
        }
        copy(_TABLE, columns, {})
        cursor.execute(_DIFFERING, [until, list(lists), len(lists)])
        places = {place for (place,) in cursor.fetchall()}
        cursor.execute(f"TRUNCATE {_TABLE}")
    return places
