"""What an export can tell about people, a column each; other apps add what they know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from subscribers.models import Subscriber

Value = str | int | float | bool | date | datetime | None
Values = Mapping[int, Value]
# Given the people of one step, by the number of each; who is absent has a blank cell.
Ask = Callable[[Sequence[Subscriber]], Values]
Selection = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    key: str
    """As an export stores it."""
    label: str
    """What staff read when they choose."""
    heading: str
    """The same in every language, so that files of colleagues are alike and an import understands them."""
    values: Ask
    is_usual: bool = False
    """Chosen unless staff say otherwise."""


# The columns for these people; most do not depend on them.
Offer = Callable[[Selection], Iterable[Column]]
_offers: Final[list[Offer]] = []


class UnknownColumn(ValueError):
    """It was deleted since, or never was; ``str()`` is its key."""


def register(offer: Offer) -> None:
    """When the application starts."""
    _offers.append(offer)


def offered(selection: Selection) -> list[Column]:
    """Usual ones first."""
    columns = [column for offer in _offers for column in offer(selection)]
    return sorted(columns, key=lambda column: not column.is_usual)


def named(keys: Iterable[str], selection: Selection) -> list[Column]:
    """In this order. Raises UnknownColumn."""
    known = {column.key: column for column in offered(selection)}
    return [_known(known, key) for key in keys]


def _known(known: Mapping[str, Column], key: str) -> Column:
    if key not in known:
        raise UnknownColumn(key)
    return known[key]
