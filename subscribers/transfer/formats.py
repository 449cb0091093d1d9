"""The two kinds of file that an export can be, written a few rows at a time."""

from __future__ import annotations

import csv
from codecs import BOM_UTF8
from collections.abc import Callable, Sequence
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Final, Protocol

from django.utils import timezone

from subscribers.models import Export
from subscribers.transfer import workbooks
from subscribers.transfer.cells import neutral
from subscribers.transfer.columns import Value

Row = Sequence[Value]


class Kind(Protocol):
    content_type: str
    most_rows: int | None

    def heading(self, names: Sequence[str]) -> bytes: ...

    def rows(self, rows: Sequence[Row], *, above: int) -> bytes:
        """`above`: how many rows of people are written already."""

    def complete(self, rows: Path, file: Path, keep: Callable[[], None]) -> None:
        """Make the file of all that was written to `rows`; it calls `keep` now and then, which may raise."""


class Text:
    """With a mark that tells Excel the encoding."""

    content_type = "text/csv; charset=utf-8"
    most_rows: int | None = None

    def heading(self, names: Sequence[str]) -> bytes:
        return BOM_UTF8 + self.rows([names], above=0)

    def rows(self, rows: Sequence[Row], *, above: int) -> bytes:
        written = StringIO(newline="")
        csv.writer(written).writerows([_written(value) for value in row] for row in rows)
        return written.getvalue().encode()

    def complete(self, rows: Path, file: Path, keep: Callable[[], None]) -> None:
        rows.replace(file)


class Workbook:
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    most_rows: int | None = workbooks.MOST_ROWS - 1

    def heading(self, names: Sequence[str]) -> bytes:
        return workbooks.heading(names)

    def rows(self, rows: Sequence[Row], *, above: int) -> bytes:
        return workbooks.rows(rows, first=above + 2)

    def complete(self, rows: Path, file: Path, keep: Callable[[], None]) -> None:
        workbooks.complete(rows, file, keep)


KINDS: Final[dict[str, Kind]] = {Export.Format.CSV.value: Text(), Export.Format.XLSX.value: Workbook()}


def _written(value: Value) -> str:
    match value:
        case None:
            return ""
        case str():
            return neutral(value)
        case bool():
            return "yes" if value else "no"
        case datetime():
            return timezone.localtime(value).isoformat(" ", "seconds")
        case date():
            return value.isoformat()
    # The minus of a number begins no formula.
    return repr(value)
