"""A registry of what is held about people; whoever stores more about them adds to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from subscribers.models import Subscriber

Row = Mapping[str, Any]


@dataclass(frozen=True)
class People:
    """Normalised addresses, and the numbers of those among them who are subscribers."""

    addresses: frozenset[str]
    numbers: frozenset[int] = frozenset()

    @classmethod
    def of(cls, addresses: Iterable[str]) -> People:
        known = frozenset(addresses)
        return cls(known, frozenset(Subscriber.objects.filter(email__in=known).values_list("pk", flat=True)))


def nothing(people: People) -> None:
    """Erased together with the person, or not theirs to erase."""


@dataclass(frozen=True)
class Holding:
    """One kind of data: `tell` gives its rows, `erase` leaves none of it, within one transaction.

    `models` are the tables that it answers for. What other tables say in texts, `traces` finds.
    """

    name: str
    title: Any
    models: Sequence[type[Model]]
    tell: Callable[[People], Iterable[Row]]
    erase: Callable[[People], None] = nothing
    labels: Mapping[str, Any] = field(default_factory=dict)

    def label(self, name: str) -> str:
        if name in self.labels:
            return str(self.labels[name])
        known = {each.name: each for each in self.models[0]._meta.get_fields()}
        return str(getattr(known.get(name), "verbose_name", name.replace("_", " ")))


_holdings: dict[str, Holding] = {}


def register(holding: Holding) -> Holding:
    """When the application starts."""
    _holdings[holding.name] = holding
    return holding


def registered() -> list[Holding]:
    return list(_holdings.values())
