"""Reads the rows of an .xlsx or .xlsm file as text. Runs in the guarded child process only."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, TypeVar
from zipfile import ZipFile

# Entities are refused by defusedxml, which openpyxl only asks if it does not prefer lxml.
os.environ["OPENPYXL_LXML"] = "False"

from defusedxml.common import DefusedXmlException

from subscribers.transfer.faults import MOST_PARTS, Fault, FileRefused
from subscribers.transfer.package import check_parts
from subscribers.transfer.pipe import CELL_END, Batch
from subscribers.transfer.sheets import links, shown
from subscribers.transfer.sheets.book import Book, relations_of
from subscribers.transfer.sheets.finish import Finish
from subscribers.transfer.sheets.frame import Frame, frame
from subscribers.transfer.sheets.rows import Rows
from subscribers.transfer.sheets.strings import Strings, check_strings
from subscribers.transfer.sheets.styles import number_formats

_LOOKED_AT: Final = 60

Part = TypeVar("Part")


class Workbook:
    def __init__(self, path: Path, stated: Mapping[str, Any]) -> None:
        check_parts(path)
        self._shows_hidden = bool(stated.get("hidden"))
        self._frames: dict[str, Frame] = {}
        with _in_our_words():
            self._open(path)
            sheet = stated.get("sheet")
            self.sheet = sheet if sheet in self._parts else self._likeliest()
            self._frame = self._around(self.sheet)
            self._uncalculated = self._look(self.sheet)[1]

    def _open(self, path: Path) -> None:
        self._archive = ZipFile(path)
        book = Book(self._archive)
        self._names = frozenset(self._archive.namelist())
        self._parts = {name: part for name, part in book.sheets.items() if part in self._names}
        if len(self._parts) > MOST_PARTS:
            raise FileRefused(Fault.BOMB)
        self.sheets = list(self._parts)
        self._strings = self._shared(book.strings)
        self._formats = shown.formats(self._part(book.styles, number_formats) or {}, book.epoch)

    def _likeliest(self) -> str:
        """The first sheet with addresses; if none has any, the first with anything at all."""
        filled = ""
        for name in self.sheets:
            rows = self._look(name)[0]
            if any("@" in cell for _number, cells in rows for cell in cells):
                return name
            filled = filled or (name if rows else "")
        if not filled:
            raise FileRefused(Fault.NO_SHEET)
        return filled

    @property
    def estimate(self) -> int:
        return self._frame.rows

    @property
    def settled(self) -> dict[str, Any]:
        frame = self._frame
        found = {
            "hidden_rows": frame.hidden_rows,
            "hidden_columns": len(frame.hidden_columns),
            "uncalculated": self._uncalculated,
        }
        notes = {name: count for name, count in found.items() if count}
        return {"kind": "workbook", "sheet": self.sheet, "hidden": self._shows_hidden, "notes": notes}

    def batches(self, size: int) -> Iterator[Batch]:
        """The rows that are not blank. Raises FileRefused."""
        with _in_our_words():
            rows = self._rows(self.sheet, self._frame).read(self._archive.open(self._parts[self.sheet]))
            while taken := list(islice(rows, size)):
                yield Batch([number for number, _ in taken], [CELL_END.join(cells) for _, cells in taken])

    def _look(self, sheet: str) -> tuple[list[tuple[int, list[str]]], int]:
        """The first rows, and how many of their formulas have no result."""
        rows = self._rows(sheet, self._around(sheet))
        with self._archive.open(self._parts[sheet]) as part:
            return list(islice(rows.read(part), _LOOKED_AT)), rows.uncalculated

    def _rows(self, sheet: str, around: Frame) -> Rows:
        linked: dict[tuple[int, int], str] = {}
        if around.links:
            addresses = self._part(relations_of(self._parts[sheet]), links.addresses) or {}
            linked = {place: addresses[key] for place, key in around.links.items() if key in addresses}
        hidden = set() if self._shows_hidden else around.hidden_columns
        finish = Finish(around.merges, linked, hidden)
        return Rows(self._strings, self._formats, finish, shows_hidden=self._shows_hidden)

    def _around(self, sheet: str) -> Frame:
        if sheet not in self._frames:
            self._frames[sheet] = self._part(self._parts[sheet], frame) or Frame()
        return self._frames[sheet]

    def _shared(self, name: str) -> Strings:
        if name not in self._names:
            return Strings()
        with self._archive.open(name) as part:
            check_strings(part, self._archive.getinfo(name).file_size)
        return Strings(self._archive.open(name))

    def _part(self, name: str, read: Callable[[IO[bytes]], Part]) -> Part | None:
        if name not in self._names:
            return None
        with self._archive.open(name) as part:
            return read(part)


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Openpyxl lets anything through that a broken file provokes."""
    try:
        yield
    except (FileRefused, GeneratorExit):
        raise
    except Exception as error:
        raise FileRefused(_fault(error)) from error


def _fault(error: BaseException) -> Fault:
    reason: BaseException | None = error
    while reason:
        if isinstance(reason, MemoryError):
            return Fault.TOO_MUCH_MEMORY
        if isinstance(reason, DefusedXmlException):
            return Fault.UNSAFE_XML
        reason = reason.__cause__
    return Fault.DAMAGED
