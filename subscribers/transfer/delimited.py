"""Reads the rows of a .csv, .tsv or .txt file. Runs in the guarded child process only."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from subscribers.transfer import dialects, faults
from subscribers.transfer.cells import NEUTRALISED
from subscribers.transfer.faults import Fault, FileRefused
from subscribers.transfer.pipe import CELL_END, ROW_END, UNCARRIED, Batch
from subscribers.transfer.survey import decoded, survey

DELIMITERS: Final = dialects.DELIMITERS
_SAMPLE: Final = 65_536
# Stands behind the last line: a row of its own, unless a quote is open. Files that hold it lose it on the way.
_LAST: Final = "\x1d"
_ADDRESS: Final = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_BREAKS: Final = re.compile("\r\n|\r|\n")
_KEPT_FROM_FORMULAS: Final = re.compile(f"(^|[{CELL_END}{ROW_END}]){NEUTRALISED}")
# ``="01234"`` is how some programs keep Excel from taking a code for a number.
_KEPT_AS_TEXT: Final = re.compile(f'(^|[{CELL_END}{ROW_END}])="([^"{CELL_END}{ROW_END}]*)"(?=[{CELL_END}{ROW_END}]|$)')


class Delimited:
    def __init__(self, path: Path, stated: Mapping[str, Any]) -> None:
        self._path = path
        self._seen = survey(path, stated.get("encoding"))
        text = self._sample()
        hinted, hint = dialects.hint(text)
        self._is_hinted = bool(hinted)
        self._dialect = dialects.detect(text[hint:], {"delimiter": hinted} | _given(stated))
        self.sheets: list[str] = []
        self.estimate = self._seen.lines

    @property
    def settled(self) -> dict[str, Any]:
        notes = {"strays": self._seen.strays} if self._seen.strays else {}
        return {"kind": "text", "encoding": self._seen.encoding, **self._dialect._asdict(), "notes": notes}

    def batches(self, size: int) -> Iterator[Batch]:
        """The rows that are not blank. Raises FileRefused."""
        csv.field_size_limit(faults.MEGABYTE)
        with decoded(self._path, self._seen) as lines:
            if self._is_hinted:
                next(lines)
            reader = csv.reader(chain(lines, [_LAST]), **self._dialect.options())
            yield from _Rows(reader, self._dialect, cleans=self._seen.has_marks).batches(size)

    def _sample(self) -> str:
        text = ""
        try:
            with decoded(self._path, self._seen) as lines:
                for line in lines:
                    text += line
                    if len(text) > _SAMPLE:
                        break
        except (UnicodeError, LookupError) as error:
            raise FileRefused(Fault.ENCODING, encoding=self._seen.encoding) from error
        if not text.strip():
            raise FileRefused(Fault.EMPTY)
        return text


def _given(stated: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stated.items() if value is not None}


class _Rows:
    """Takes many rows at a time from the reader, so that hardly any step is made for each cell."""

    def __init__(self, reader: Any, dialect: dialects.Dialect, *, cleans: bool) -> None:
        self._reader = reader
        self._dialect = dialect
        self._tidy = _cleaned if cleans else str.strip
        self._taken = 0

    def batches(self, size: int) -> Iterator[Batch]:
        while rows := self._next(size):
            if len(rows) < size:
                self._end(rows)
            if self._dialect.spread:
                rows = [[cell] for row in rows for cell in row]
            numbers = range(self._taken + 1, self._taken + len(rows) + 1)
            self._taken += len(rows)
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
            if any(self._is_swallowed(cell) for cell in row):
                raise FileRefused(Fault.UNCLOSED_QUOTE, row=number)

    def _is_swallowed(self, cell: str) -> bool:
        """Whether other people are in it: too many lines, or half a pair of quotes and an address behind it."""
        lines = _BREAKS.split(cell, maxsplit=faults.MOST_LINES_IN_A_CELL)
        is_half = cell.count(self._dialect.quote) % 2 == 1
        return len(lines) > faults.MOST_LINES_IN_A_CELL or (is_half and any(map(_ADDRESS.search, lines[1:])))

    def _end(self, rows: list[list[str]]) -> None:
        """Take the mark of the end away; it tells whether a quote was left open."""
        last = rows[-1]
        if last == [_LAST]:
            rows.pop()
        elif last and last[-1].endswith(_LAST):
            last[-1] = last[-1].removesuffix(_LAST).rstrip()
            if _BREAKS.search(last[-1]):
                raise FileRefused(Fault.UNCLOSED_QUOTE, row=self._taken + len(rows))

    def _batch(self, rows: list[list[str]], numbers: range) -> Batch | None:
        tidy = self._tidy
        lines = [CELL_END.join(map(tidy, row)).rstrip(CELL_END) for row in rows]
        if lines and max(map(len, lines)) > faults.LONGEST_CELL:
            lines = list(map(_shortened, lines))
        if lines and max(map(len, rows)) > faults.MOST_COLUMNS:
            _refuse_wide(lines)
        text = ROW_END.join(lines)
        if '="' in text:
            text = _KEPT_AS_TEXT.sub(r"\1\2", text)
            lines = text.split(ROW_END)
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
