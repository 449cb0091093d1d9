"""Reads the rows of an .xlsx file as text. Runs in the guarded child process only."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
from defusedxml.common import DefusedXmlException

from subscribers.transfer import faults
from subscribers.transfer.cells import original
from subscribers.transfer.faults import Fault, FileRefused

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})


def check_parts(path: Path) -> None:
    """Refuse a bomb by its table of contents, before anything is unpacked."""
    if path.stat().st_size > faults.LARGEST_WORKBOOK:
        raise FileRefused(Fault.TOO_LARGE, megabytes=faults.LARGEST_WORKBOOK // faults.MEGABYTE)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise FileRefused(Fault.DAMAGED) from error
    if any(part.flag_bits & 0x1 for part in parts):
        raise FileRefused(Fault.ENCRYPTED)
    unpacked = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    too_dense = unpacked > faults.MEGABYTE and unpacked / packed > faults.HIGHEST_RATIO
    if len(parts) > faults.MOST_PARTS or unpacked > faults.MOST_UNPACKED or too_dense:
        raise FileRefused(Fault.BOMB)
    if not any(part.filename.lower().endswith("workbook.xml") for part in parts):
        raise FileRefused(Fault.NOT_A_WORKBOOK)


class Workbook:
    def __init__(self, path: Path, sheet: str | None) -> None:
        check_parts(path)
        try:
            self._book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        except Exception as error:
            raise _refusal(error) from error
        shown = [page for page in self._book.worksheets if page.sheet_state == "visible"]
        # What a file says about its own size may be forged, or forgotten by the program that wrote it: good
        # enough for a progress bar, but the rows are read without it.
        self._stated = {page.title: page.max_row for page in shown}
        for page in shown:
            page.reset_dimensions()
        # Hidden sheets stay hidden: their authors did not mean them to be seen, let alone mailed.
        self.sheets = [page.title for page in shown]
        if not shown:
            raise FileRefused(Fault.NO_SHEET)
        self.sheet = sheet if sheet in self.sheets else self._first_filled()

    def _first_filled(self) -> str:
        return next((name for name in self.sheets if next(self.rows(name), None)), self.sheets[0])

    @property
    def estimate(self) -> int | None:
        """How many rows the file says it has."""
        return self._stated[self.sheet]

    def rows(self, sheet: str | None = None) -> Iterator[tuple[int, list[str]]]:
        """Number and cells of each row that is not blank."""
        page = self._book[sheet or self.sheet]
        try:
            for number, values in enumerate(page.iter_rows(values_only=True), start=1):
                cells = _trimmed(values)
                if cells:
                    yield number, cells
        except FileRefused:
            raise
        except Exception as error:
            raise _refusal(error) from error


def _refusal(error: Exception) -> FileRefused:
    """Foreign errors in our words: openpyxl lets anything through that a broken file provokes."""
    reason: BaseException | None = error
    while reason:
        if isinstance(reason, MemoryError):
            return FileRefused(Fault.TOO_MUCH_MEMORY)
        if isinstance(reason, DefusedXmlException):
            return FileRefused(Fault.UNSAFE_XML)
        reason = reason.__cause__
    return FileRefused(Fault.DAMAGED)


def _trimmed(values: tuple[Any, ...]) -> list[str]:
    last = next((at for at in range(len(values) - 1, -1, -1) if values[at] is not None), -1)
    if last >= faults.MOST_COLUMNS:
        raise FileRefused(Fault.TOO_MANY_COLUMNS, most=faults.MOST_COLUMNS)
    cells = [as_text(value) for value in values[: last + 1]]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def as_text(value: object) -> str:
    """A cell as its reader sees it, as far as the file tells."""
    if value is None:
        return ""
    if isinstance(value, str):
        return "" if value in _ERRORS else original(_ESCAPED.sub(_unescaped, value)[: faults.LONGEST_CELL].strip())
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("seconds")
    if isinstance(value, timedelta):
        return str(value)
    return str(value)[: faults.LONGEST_CELL]


def _unescaped(match: re.Match[str]) -> str:
    """OOXML writes characters that XML cannot hold as _x000D_; half of a surrogate pair stays out."""
    code = int(match[1], 16)
    return "" if 0xD800 <= code <= 0xDFFF else chr(code)
