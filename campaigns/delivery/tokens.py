"""Counts mails against limits: those on a wire by its slot, those that left by the limit's own row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from campaigns.models import Limit, Slot, clock
from campaigns.models.limit import Allowance

Tokens = Counter[str]


class Buckets:
    """Locked rows of limits. Nobody counts anything for their keys until the transaction ends."""

    def __init__(self, rows: Iterable[Limit], allowances: Mapping[str, Allowance], now: float, on_wire: Tokens) -> None:
        self.rows = {row.key: row for row in rows}
        self.allowances, self.now, self.on_wire = allowances, now, on_wire
        self.taken: Tokens = Counter()
        self.changed: set[str] = set()
        self.left: dict[str, int] = {}
        for key, row in self.rows.items():
            if row.is_ahead(now):
                row.count(0, now)
                self.changed.add(key)
        self._measure()

    @classmethod
    def lock(cls, allowances: Mapping[str, Allowance], keys: Collection[str] = ()) -> Buckets:
        """The rows are locked in one order everywhere, so that nobody waits in a circle."""
        wanted = {*allowances, *keys}
        if not wanted:
            return cls([], {}, 0.0, Counter())
        rows = _locked(wanted)
        if len(rows) < len(wanted):
            Limit.objects.bulk_create([Limit(key=key) for key in wanted], ignore_conflicts=True)
            rows = _locked(wanted)
        # Only now: time passed and mails left while we waited for the lock.
        return cls(rows, allowances, clock.read().timestamp(), _on_wire())

    def end(self, left: Tokens, unused: Tokens) -> None:
        """Mails that left, and mails that never did, are on no wire any more."""
        for key, number in left.items():
            self.rows[key].count(number, self.now)
        for key, number in unused.items():
            if key in self.allowances:
                self.rows[key].take(-number, self.allowances[key], self.now)
        self.on_wire -= left + unused
        self.changed |= {*left, *unused}
        self._measure()

    def room(self, keys: Iterable[str]) -> int | float:
        return min((self.left[key] for key in keys), default=float("inf"))

    def take(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.left[key] -= 1
            self.taken[key] += 1

    def opens_at(self, keys: Iterable[str], nth: int = 1) -> datetime:
        """When there is room for the nth mail from now that waits for these."""
        return datetime.fromtimestamp(max(self._opens(key, nth) for key in keys), UTC)

    def seconds_until_room(self, keys: Iterable[str]) -> float:
        return max(self._opens(key, 1) for key in keys) - self.now

    def save(self) -> None:
        for key, number in self.taken.items():
            self.rows[key].take(number, self.allowances[key], self.now)
        for key in sorted(self.changed | self.taken.keys()):
            self.rows[key].save(update_fields=["spent", "paced_to"])

    def _measure(self) -> None:
        for key, allowance in self.allowances.items():
            self.left[key] = self.rows[key].room(allowance, self.now, on_wire=self.on_wire[key])

    def _opens(self, key: str, nth: int) -> float:
        taken = self.taken[key]
        return self.rows[key].opens_at(self.allowances[key], self.now, on_wire=self.on_wire[key], nth=taken + nth)


def settle(left: Tokens) -> None:
    """These mails are on no wire any more. Call it in the transaction that takes them off their slots."""
    if left:
        buckets = Buckets.lock({}, left)
        buckets.end(left, Counter())
        buckets.save()


def _locked(keys: Collection[str]) -> list[Limit]:
    return list(Limit.objects.select_for_update().filter(key__in=keys).order_by("pk"))


def _on_wire() -> Tokens:
    on_wire: Tokens = Counter()
    for tokens in Slot.objects.exclude(tokens={}).values_list("tokens", flat=True):
        on_wire.update(tokens)
    return on_wire
