"""What kind of attribute the values of a column look like."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from subscribers.models import Attribute
from subscribers.transfer.values import Habits, boolean, day, number

Kind = Attribute.Kind

MOST_CHOICES: Final = 30
# Numbers that stand for something, such as postcodes and telephone numbers, are not counted with.
_CODE: Final = re.compile(r"\+.*|0\d.*|\d{10,}|[\d ]+ [\d ]+")


def kind_of(values: Sequence[str]) -> str:
    """Text, unless all of them say otherwise. A choice is never guessed: later rows may hold others."""
    if not values:
        return Kind.TEXT
    habits = Habits.evident_in(values)
    # 1 and 0 are yes and no only where nothing else occurs.
    if _all(boolean, values) and len(set(values)) > 1:
        return Kind.BOOLEAN
    if _all(lambda text: day(text, month_first=habits.month_first), values):
        return Kind.DATE
    if _all(lambda text: number(text, decimal_comma=habits.decimal_comma), values) and not _are_codes(values):
        return Kind.NUMBER
    return Kind.TEXT


def choices_of(values: Sequence[str]) -> list[str]:
    """What there is to choose from, as far as the first rows tell."""
    return sorted(set(values), key=str.casefold)[:MOST_CHOICES]


def _all(read: Callable[[str], Any], values: Sequence[str]) -> bool:
    try:
        for text in values:
            read(text)
    except ValueError:
        return False
    return True


def _are_codes(values: Sequence[str]) -> bool:
    lengths = {len(text) for text in values}
    is_even = len(values) > 1 and len(lengths) == 1 and min(lengths) > 3 and all(map(str.isdecimal, values))
    return is_even or any(map(_CODE.fullmatch, values))
