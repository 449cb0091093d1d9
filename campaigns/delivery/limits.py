"""Takes tokens for mails that are about to leave, in the transaction that claims them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

from campaigns import pace
from campaigns.models import Limit
from campaigns.models.limit import Allowance


@dataclass(frozen=True)
class Tokens:
    """The locked buckets that bound a claim."""

    buckets: list[tuple[Limit, Allowance]]
    counted_at: datetime

    def most(self, wanted: int) -> int:
        return min([wanted, *(int(row.available(allowance, self.counted_at)) for row, allowance in self.buckets)])

    def spend(self, number: int) -> None:
        for row, allowance in self.buckets:
            row.tokens = min(float(allowance.burst), row.available(allowance, self.counted_at) - number)
            row.counted_at = max(self.counted_at, row.counted_at)
            row.save(update_fields=["tokens", "counted_at"])


def lock(*limited: pace.Limited) -> Tokens:
    """Call it inside a transaction. The rows are locked in one order everywhere, so that nobody waits in a circle."""
    allowances = pace.allowances(*limited)
    if not allowances:
        return Tokens([], timezone.now())
    rows = _locked(allowances)
    if len(rows) < len(allowances):
        now = _now()
        full = [Limit(key=key, tokens=allowance.burst, counted_at=now) for key, allowance in allowances.items()]
        Limit.objects.bulk_create(full, ignore_conflicts=True)
        rows = _locked(allowances)
    # Only now: the time that passed while waiting for the lock has brought tokens too.
    return Tokens([(row, allowances[row.key]) for row in rows], _now())


def _locked(allowances: dict[str, Allowance]) -> list[Limit]:
    return list(Limit.objects.select_for_update().filter(key__in=allowances).order_by("pk"))


def _now() -> datetime:
    """By the clock that all hosts share, if there can be more than one host."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    assert isinstance(now, datetime)
    return now
