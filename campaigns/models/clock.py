"""The time by the clock that all hosts share: the database's, if there can be more than one host."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

# In between, the time that has passed is added; a step of the host's own clock is not noticed at all.
ASK_AGAIN_SECONDS = 10.0

_heard: tuple[float, datetime] | None = None


def in_sql() -> Now | datetime:
    """What decides when a mail leaves is compared with this, since any host may have written it."""
    # SQLite knows no microseconds, so what is due now would not be due yet.
    return Now() if connection.vendor == "postgresql" else timezone.now()


def now() -> datetime:
    """Likewise, without asking each time; a moment behind, so that what is written with it is due at once."""
    global _heard
    if connection.vendor != "postgresql":
        return timezone.now()
    if _heard is None or time.monotonic() > _heard[0] + ASK_AGAIN_SECONDS:
        moment = read()
        _heard = time.monotonic(), moment
    heard_at, moment = _heard
    return moment + timedelta(seconds=time.monotonic() - heard_at)


def read() -> datetime:
    """To the microsecond."""
    if connection.vendor != "postgresql":
        return timezone.now()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        # Past Django's cursor, because this is no question about anything that is stored.
        (seconds,) = connection.connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    return datetime.fromtimestamp(seconds, UTC)
