"""What a sheet says around its rows, read before them: merged and hidden cells, links, how many rows there are."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Final, NamedTuple

from subscribers.transfer import faults
from subscribers.transfer.sheets import places
from subscribers.transfer.sheets.xml import local, parser

_PIECE: Final = faults.MEGABYTE
# No sheet says more around its rows, unless it means to do harm: then it is read as if it said nothing.
_LONGEST: Final = 32 * faults.MEGABYTE
_ROWS_BEGIN: Final = re.compile(rb"<(?:[\w.-]+:)?sheetData\s*(/?)>")
_ROWS_END: Final = re.compile(rb"</(?:[\w.-]+:)?sheetData\s*>")
_HIDDEN: Final = (b' hidden="1"', b' hidden="true"')
# Longer than the tag in question, which may stand across two pieces.
_OVERLAP: Final = 64


class Merge(NamedTuple):
    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Frame:
    rows: int = 0
    """How many rows there are, about."""
    hidden_rows: int = 0
    hidden_columns: set[int] = field(default_factory=set)
    merges: list[Merge] = field(default_factory=list)
    """Those of several rows."""
    links: dict[tuple[int, int], str] = field(default_factory=dict)
    """Row and column to the key of a relationship."""


def frame(source: IO[bytes]) -> Frame:
    found = Frame()
    around = _around(source, found)
    if around is not None:
        parser(_Around(found).start).Parse(around, True)
    return found


def _around(source: IO[bytes], found: Frame) -> bytes | None:
    """The document without its rows, which are only counted."""
    start = b""
    while not (begin := _ROWS_BEGIN.search(start)):
        piece = source.read(_PIECE)
        start += piece
        if not piece or len(start) > _LONGEST:
            return None
    rest = start[begin.end() :]
    if not begin[1]:
        rest = _behind_rows(source, rest, found)
    while piece := source.read(_PIECE):
        rest += piece
        if len(rest) > _LONGEST:
            return None
    return start[: begin.start()] + rest


def _behind_rows(source: IO[bytes], piece: bytes, found: Frame) -> bytes:
    tail = b""
    while True:
        window = tail + piece
        end = _ROWS_END.search(window)
        _count(window[: end.start()] if end else window, tail, found)
        if end:
            return window[end.end() :]
        tail = window[-_OVERLAP:]
        piece = source.read(_PIECE)
        if not piece:
            return b""


def _count(window: bytes, tail: bytes, found: Frame) -> None:
    """What stood in the tail was counted with the piece before."""
    found.rows += sum(window.count(mark) - tail.count(mark) for mark in (b"<row ", b":row "))
    found.hidden_rows += sum(window.count(mark) - tail.count(mark) for mark in _HIDDEN)


class _Around:
    """Handlers of expat."""

    def __init__(self, found: Frame) -> None:
        self._found = found
        self._takers: dict[str, Callable[[dict[str, str]], None]] = {
            "col": self._column,
            "mergeCell": self._merge,
            "hyperlink": self._link,
        }

    def start(self, name: str, attributes: dict[str, str]) -> None:
        take = self._takers.get(local(name))
        if take:
            take(attributes)

    def _column(self, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") in ("1", "true"):
            first, last = int(attributes["min"]), int(attributes["max"])
            self._found.hidden_columns.update(range(first - 1, min(last, faults.MOST_COLUMNS)))

    def _merge(self, attributes: dict[str, str]) -> None:
        top, left, bottom, right = places.area(attributes["ref"])
        if bottom > top:
            self._found.merges.append(Merge(top, left, bottom, right))

    def _link(self, attributes: dict[str, str]) -> None:
        key = next((value for name, value in attributes.items() if name.endswith(":id")), "")
        if key:
            row, column, *_ = places.area(attributes["ref"])
            if column < faults.MOST_COLUMNS:
                self._found.links[row, column] = key
