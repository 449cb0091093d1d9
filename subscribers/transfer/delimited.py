"""Reads the rows of a .csv, .tsv or .txt file. Runs in the guarded child process only."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Mapping
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from subscribers.transfer import dialects, encodings, faults
from subscribers.transfer.cells import NEUTRALISED
from subscribers.transfer.faults import Fault, FileRefused
from subscribers.transfer.pipe import CELL_END, ROW_END, UNCARRIED, Batch
from subscribers.transfer.survey import survey

DELIMITERS: Final = dialects.DELIMITERS
_SAMPLE: Final = 65_536
# Stands behind the last line: a row of its own, unless a quote is open. Files that hold it lose it on the way.
_LAST: Final = "\x1d"
_BREAKS: Final = re.compile("\r\n|\r|\n")
_KEPT_FROM_FORMULAS: Final = re.compile(f"(^|[{CELL_END}{ROW_END}]){NEUTRALISED}")


class Delimited:
    def __init__(self, path: Path, stated: Mapping[str, Any]) -> None:
        self._path = path
        self._seen = survey(path, stated.get("encoding"))
        text = self._sample()
        hinted, self._hint = dialects.hint(text)
        self._dialect = dialects.detect(
            text[self._hint :],
            delimiter=stated.get("delimiter") or hinted,
            quote=stated.get("quote"),
            escape=stated.get("escape"),
        )
        self.sheets: list[str] = []
        self.estimate = self._seen.lines

    @property
    def settled(self) -> dict[str, Any]:
        notes = {"strays": self._seen.strays} if self._seen.strays else {}
        return {"kind": "text", "encoding": self._seen.encoding, **self._dialect._asdict(), "notes": notes}

    def batches(self, size: int) -> Iterator[Batch]:
        """The rows that are not blank. Raises FileRefused."""
        csv.field_size_limit(faults.MEGABYTE)
        with self._open() as file:
            file.read(self._hint)
            reader = csv.reader(chain(file, [_LAST]), **self._dialect.options())
            yield from _Rows(reader, cleans=self._seen.has_marks).batches(size)

    def _sample(self) -> str:
        with self._open() as file:
            try:
                text = file.read(_SAMPLE)
            except (UnicodeError, LookupError) as error:
                raise FileRefused(Fault.ENCODING, encoding=self._seen.encoding) from error
        if not text.strip():
            raise FileRefused(Fault.EMPTY)
        return text

    def _open(self) -> TextIOWrapper:
        """Lines end as spreadsheet programs see it: at CR too, but not at form feeds within a cell."""
        encoding = "utf-8-sig" if self._seen.encoding == "utf-8" else self._seen.encoding
        strays = self._seen.strays
        if strays:
            codecs.register_error(strays, encodings.stray(strays))
        try:
            return self._path.open(encoding=encoding, errors=strays or "strict", newline="")
        except LookupError as error:
            raise FileRefused(Fault.ENCODING, encoding=encoding) from error


class _Rows:
    """Takes many rows at a time from the reader, so that hardly any step is made for each cell."""

    def __init__(self, reader: Any, *, cleans: bool) -> None:
        self._reader = reader
        self._tidy = _cleaned if cleans else str.strip
        self._taken = 0

    def batches(self, size: int) -> Iterator[Batch]:
        while rows := self._next(size):
            numbers = range(self._taken + 1, self._taken + len(rows) + 1)
            self._taken += len(rows)
            if len(rows) < size:
                self._end(rows)
            if batch := self._batch(rows, numbers):
                yield batch

    def _next(self, size: int) -> list[list[str]]:
        rows: list[list[str]] = []
        before = self._reader.line_num
        try:
            # If it raises, the rows before stay in the list.
            rows.extend(islice(self._reader, size))
        except csv.Error as error:
            lines = self._reader.line_num - before - len(rows)
            fault = Fault.UNCLOSED_QUOTE if lines > 1 else Fault.LONG_CELL
            raise FileRefused(fault, row=self._taken + len(rows) + 1) from error
        except UnicodeError as error:
            raise FileRefused(Fault.ENCODING, encoding=getattr(error, "encoding", "?")) from error
        if self._reader.line_num - before > len(rows):
            self._refuse_swallowed(rows)
        return rows

    def _refuse_swallowed(self, rows: list[list[str]]) -> None:
        for number, row in enumerate(rows, start=self._taken + 1):
            if any(len(_BREAKS.findall(cell)) >= faults.MOST_LINES_IN_A_CELL for cell in row):
                raise FileRefused(Fault.UNCLOSED_QUOTE, row=number)

    def _end(self, rows: list[list[str]]) -> None:
        """Take the mark of the end away; it tells whether a quote was left open."""
        last = rows[-1]
        if last == [_LAST]:
            rows.pop()
        elif last and last[-1].endswith(_LAST):
            last[-1] = last[-1].removesuffix(_LAST).rstrip()
            if _BREAKS.search(last[-1]):
                raise FileRefused(Fault.UNCLOSED_QUOTE, row=self._taken)

    def _batch(self, rows: list[list[str]], numbers: range) -> Batch | None:
        tidy = self._tidy
        lines = [CELL_END.join(map(tidy, row)).rstrip(CELL_END) for row in rows]
        if lines and max(map(len, lines)) > faults.LONGEST_CELL:
            lines = list(map(_shortened, lines))
        if lines and max(map(len, rows)) > faults.MOST_COLUMNS:
            _refuse_wide(lines)
        text = ROW_END.join(lines)
        if f"{CELL_END}'" in text or f"{ROW_END}'" in text or text.startswith("'"):
            lines = _KEPT_FROM_FORMULAS.sub(r"\1", text).split(ROW_END)
        if "" in lines:
            filled = [at for at, line in enumerate(lines) if line]
            return Batch([numbers[at] for at in filled], [lines[at] for at in filled]) if filled else None
        return Batch(numbers[: len(lines)], lines) if lines else None


def _cleaned(cell: str) -> str:
    return cell.translate(UNCARRIED).strip()


def _shortened(line: str) -> str:
    return CELL_END.join(cell[: faults.LONGEST_CELL] for cell in line.split(CELL_END))


def _refuse_wide(lines: list[str]) -> None:
    if any(line.count(CELL_END) >= faults.MOST_COLUMNS for line in lines):
        raise FileRefused(Fault.TOO_MANY_COLUMNS, most=faults.MOST_COLUMNS)
