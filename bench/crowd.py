"""Fills a list with readers, a million if need be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from django.db import connection
from django.utils import timezone

from subscribers import addresses
from subscribers.models import MailingList, Subscriber, Subscription

LIST = "readers"
COLUMNS = (
    "email", "fingerprint", "first_name", "last_name", "language", "time_zone", "attributes", "may_track",
    "created_at", "updated_at",
)  # fmt: skip
ENROL = """
INSERT INTO subscribers_subscription (subscriber_id, mailing_list_id, status, created_at)
SELECT id, %s, 'active', %s FROM subscribers_subscriber ORDER BY id
"""


def invite(people: int) -> dict[str, float]:
    """Into an empty list."""
    now = timezone.now()
    readers = MailingList.objects.create(label=LIST, name="Readers", tracking=MailingList.Tracking.PERSON)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            with cursor.copy(f"COPY subscribers_subscriber ({', '.join(COLUMNS)}) FROM STDIN") as copy:
                for row in rows(people, now):
                    copy.write_row(row)
            cursor.execute(ENROL, [readers.pk, now])
            cursor.execute("VACUUM ANALYZE")
            # What this leaves to be written is no part of what comes next.
            cursor.execute("CHECKPOINT")
    else:
        made = Subscriber.objects.bulk_create(Subscriber(**as_fields(row)) for row in rows(people, now))
        Subscription.objects.bulk_create(
            Subscription(subscriber=one, mailing_list=readers, status=Subscription.Status.ACTIVE) for one in made
        )
    return {"people": people}


def rows(people: int, now: datetime) -> Iterator[tuple[object, ...]]:
    """COLUMNS of each reader; two of three have names outside ASCII, and all agreed that their clicks are counted."""
    for number in range(people):
        email = f"reader{number}@example.org"
        company = {"company": f"Example & Sons {number % 97}", "town": "Zürich" if number % 2 else "Porto"}
        name = ("Chloé" if number % 3 else "Ann", f"O’Reader {number}")
        yield email, addresses.fingerprint(email), *name, "en", "", json.dumps(company), True, now, now


def as_fields(row: tuple[object, ...]) -> dict[str, object]:
    fields = dict(zip(COLUMNS, row, strict=True))
    return fields | {"attributes": json.loads(str(fields["attributes"]))}
