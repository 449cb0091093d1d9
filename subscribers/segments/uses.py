"""Where segments are used, as those say who use them, and what a change of one means for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import NamedTuple

from django.db import transaction


class Use(NamedTuple):
    segment: int
    name: str
    address: str
    # As long as it lasts, the segment must not be deleted.
    is_binding: bool
    # What staff should know before they change it.
    warning: str = ""


# Around a change of the segment's rules by somebody; says afterwards, in words, what has followed.
Watcher = Callable[[int, int | None, Callable[[str], None]], AbstractContextManager[None]]
Source = Callable[[Collection[int]], Iterable[Use]]
_sources: list[Source] = []
_watchers: list[Watcher] = []


def register(source: Source) -> Source:
    _sources.append(source)
    return source


def watch(watcher: Watcher) -> Watcher:
    _watchers.append(watcher)
    return watcher


@contextmanager
def changing(segment: int, by: int | None) -> Iterator[list[str]]:
    """Change its rules within; afterwards the list tells what has followed. All of it happens, or nothing."""
    said: list[str] = []
    with transaction.atomic(), ExitStack() as stack:
        for watcher in _watchers:
            stack.enter_context(watcher(segment, by, said.append))
        yield said


def uses(segments: Collection[int]) -> dict[int, list[Use]]:
    """Of each of the segments by number; binding ones first."""
    found: dict[int, list[Use]] = {number: [] for number in segments}
    for source in _sources:
        for use in source(segments):
            found[use.segment].append(use)
    for each in found.values():
        each.sort(key=lambda use: not use.is_binding)
    return found
