"""The facts that rules may ask for. Whoever knows more about people registers them; nothing else reaches a query."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q

from .values import Value


class Operator(NamedTuple):
    label: str
    takes: Value
    # What it means for a value that was read, as a condition on subscribers.
    meaning: Callable[[Any], Q]


@dataclass(frozen=True)
class Fact:
    """`name` stands in saved rules for ever; `label` and `group` are what staff read."""

    name: str
    label: str
    group: str
    operators: dict[str, Operator]


# Asked each time, because attributes, lists and campaigns come and go.
Source = Callable[[], Iterable[Fact]]
_sources: list[Source] = []


def register(source: Source) -> Source:
    _sources.append(source)
    return source


def facts() -> dict[str, Fact]:
    """All there are now, by name, in the order in which staff choose."""
    return {fact.name: fact for source in _sources for fact in source()}
