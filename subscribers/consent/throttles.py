"""Counts what may happen only so often in a while, exactly, however many ask at the same moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

from subscribers.addresses import fingerprint
from subscribers.models import Throttle

AT_ONCE: Final = 5_000
TABLE: Final = Throttle._meta.db_table
# One statement, so that of many at once each sees what the others have used. It waits for those under way.
USE: Final = f"""
INSERT INTO {TABLE} (key, used, until) VALUES (%s, 1, %s)
ON CONFLICT (key) DO UPDATE SET
    used = CASE WHEN {TABLE}.until <= %s THEN 1 ELSE {TABLE}.used + 1 END,
    until = CASE WHEN {TABLE}.until <= %s THEN excluded.until ELSE {TABLE}.until END
WHERE {TABLE}.used < %s OR {TABLE}.until <= %s
RETURNING used
"""


@dataclass(frozen=True)
class Limit:
    """So many times in a while that begins with the first time."""

    name: str
    most: int
    within: timedelta

    def allows(self, subject: str) -> bool:
        """Counts it, unless it has happened often enough. What is rolled back has not happened."""
        now = timezone.now()
        moment, end = _stored(now), _stored(now + self.within)
        with connection.cursor() as cursor:
            cursor.execute(USE, [self._key(subject), end, moment, moment, self.most, moment])
            return cursor.fetchone() is not None

    def opens_at(self, subject: str) -> datetime:
        """Now, or when what has happened often enough may happen again."""
        now = timezone.now()
        full = Throttle.objects.filter(key=self._key(subject), used__gte=self.most, until__gt=now)
        return full.values_list("until", flat=True).first() or now

    def _key(self, subject: str) -> str:
        """Tells of nobody, as long as the key of the hash is not known."""
        return fingerprint(f"{self.name}\n{subject}")


def forget_expired() -> int:
    """How many; at most so many that nobody waits for it."""
    expired = Throttle.objects.filter(until__lte=timezone.now()).order_by("until").values_list("pk", flat=True)
    return Throttle.objects.filter(pk__in=list(expired[:AT_ONCE])).delete()[0]


def _stored(moment: datetime) -> str | datetime | None:
    return connection.ops.adapt_datetimefield_value(moment)
