"""What stands in a template's context: texts, of which those that look like numbers compare as numbers."""

from __future__ import annotations

from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any


class Text(str):
    """So that ``{% if points > 100 %}`` holds for 1000 and not for 99, though both are texts."""

    def __lt__(self, other: Any) -> bool:
        return compared(lt, self, other)

    def __le__(self, other: Any) -> bool:
        return compared(le, self, other)

    def __gt__(self, other: Any) -> bool:
        return compared(gt, self, other)

    def __ge__(self, other: Any) -> bool:
        return compared(ge, self, other)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int | float):
            return number(self) == other
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def compared(operator: Callable[[Any, Any], bool], one: str, other: object) -> bool:
    numbers = number(one), number(other)
    if None not in numbers:
        return operator(*numbers)
    return operator(str.__str__(one), str(other)) if isinstance(other, str) else False


def number(value: object) -> float | None:
    """None for texts that are none, among them the empty one."""
    try:
        return float(str(value))
    except ValueError:
        return None
