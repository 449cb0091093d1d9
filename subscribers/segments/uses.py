"""Where segments are used, as those say who use them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple


class Use(NamedTuple):
    segment: int
    name: str
    address: str
    # As long as it lasts, the segment must not be deleted.
    is_binding: bool


Source = Callable[[Collection[int]], Iterable[Use]]
_sources: list[Source] = []


def register(source: Source) -> Source:
    _sources.append(source)
    return source


def uses(segments: Collection[int]) -> dict[int, list[Use]]:
    """Of each of the segments by number; binding ones first."""
    found: dict[int, list[Use]] = {number: [] for number in segments}
    for source in _sources:
        for use in source(segments):
            found[use.segment].append(use)
    for each in found.values():
        each.sort(key=lambda use: not use.is_binding)
    return found
