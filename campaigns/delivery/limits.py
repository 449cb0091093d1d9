"""Takes tokens for mails that are about to leave, in the transaction that puts them on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from campaigns.delivery.desk import Mail
from campaigns.models import Limit, RecipientDomain
from campaigns.models.limit import Allowance, Limited


@dataclass
class Admitted:
    """Which mails may leave now, and when the next ones may."""

    mails: list[Mail]
    # Seconds that may pass until the last of them is begun.
    hold: float = float("inf")
    # Blocked by a limit that all of these share, for so many seconds: none after the first of them was admitted.
    refused: list[Mail] = field(default_factory=list)
    blocked_for: float = 0.0
    # Blocked by the limit of their domain alone, until then.
    later: dict[int, datetime] = field(default_factory=dict)


def admit(mails: Sequence[Mail], limited: Sequence[Limited], domains: Mapping[str, RecipientDomain]) -> Admitted:
    """Call it inside a transaction; the tokens are spent when it commits."""
    shared: dict[str, Allowance] = {}
    for one in limited:
        shared |= one.allowances
    own = {mail.domain: domains[mail.domain].allowances for mail in mails if mail.domain in domains} if domains else {}
    allowances = shared | {key: allowance for its in own.values() for key, allowance in its.items()}
    if not allowances or not mails:
        return Admitted(list(mails))
    buckets = Buckets.lock(allowances)
    admitted = Admitted([], hold=min(allowance.hold for allowance in allowances.values()))
    for at, mail in enumerate(mails):
        if not buckets.have(shared):
            admitted.refused = list(mails[at:])
            admitted.blocked_for = (buckets.opens_for_one_more(shared) - buckets.now).total_seconds()
            break
        its = own.get(mail.domain, {}) if own else {}
        if buckets.have(its):
            buckets.spend([*shared, *its])
            admitted.mails.append(mail)
        else:
            admitted.later[mail.number] = buckets.opens_for_one_more(its)
    buckets.save()
    return admitted


class Buckets:
    """Locked rows of tokens."""

    def __init__(self, rows: Sequence[Limit], allowances: Mapping[str, Allowance], now: datetime) -> None:
        self.rows, self.allowances, self.now = rows, allowances, now
        self.left = {row.key: row.available(allowances[row.key], now) for row in rows}
        self.spent = dict.fromkeys(self.left, 0)
        self.queue = dict.fromkeys(self.left, 0)

    @classmethod
    def lock(cls, allowances: Mapping[str, Allowance]) -> Buckets:
        """The rows are locked in one order everywhere, so that nobody waits in a circle."""
        rows = _locked(allowances)
        if len(rows) < len(allowances):
            now = _now()
            full = [Limit(key=key, tokens=allowance.burst, counted_at=now) for key, allowance in allowances.items()]
            Limit.objects.bulk_create(full, ignore_conflicts=True)
            rows = _locked(allowances)
        # Only now: the time that passed while waiting for the lock has brought tokens too.
        return cls(rows, allowances, _now())

    def have(self, keys: Mapping[str, Allowance]) -> bool:
        return all(self.left[key] >= 1 for key in keys)

    def spend(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.left[key] -= 1
            self.spent[key] += 1

    def opens_for_one_more(self, keys: Mapping[str, Allowance]) -> datetime:
        """When there will be a token for the next in the queue of those who wait here."""
        times = []
        for row in self.rows:
            if row.key in keys:
                self.queue[row.key] += 1
                seconds = (self.queue[row.key] - self.left[row.key]) / keys[row.key].per_second
                times.append(self.now + timedelta(seconds=seconds))
        return max(times)

    def save(self) -> None:
        for row in self.rows:
            if self.spent[row.key]:
                row.tokens = self.left[row.key]
                row.counted_at = max(self.now, row.counted_at)
                row.save(update_fields=["tokens", "counted_at"])


def _locked(allowances: Mapping[str, Allowance]) -> list[Limit]:
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
