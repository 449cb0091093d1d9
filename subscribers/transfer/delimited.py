"""Reads the rows of a .csv or .tsv file. Runs in the guarded child process only."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from subscribers.transfer import encodings, faults
from subscribers.transfer.cells import original
from subscribers.transfer.faults import Fault, FileRefused

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 65_536
_LOOKED_AT = 40


class Delimited:
    def __init__(self, path: Path, encoding: str | None, delimiter: str | None) -> None:
        if path.stat().st_size > faults.LARGEST_TEXT:
            raise FileRefused(Fault.TOO_LARGE, megabytes=faults.LARGEST_TEXT // faults.MEGABYTE)
        raw = path.read_bytes()
        self.encoding = encoding or encodings.detect(raw)
        try:
            text = raw.decode(self.encoding)
        except (UnicodeDecodeError, LookupError) as error:
            raise FileRefused(Fault.ENCODING, encoding=self.encoding) from error
        text = text.removeprefix("\ufeff").replace("\x00", "")
        stated, self._text = _stated_delimiter(text)
        self.delimiter = delimiter or stated or detect_delimiter(self._text)

    @property
    def estimate(self) -> int:
        """About how many rows there are."""
        return self._text.count("\n") or self._text.count("\r")

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Number and cells of each row that is not blank."""
        csv.field_size_limit(faults.MEGABYTE)
        lines = _Lines(self._text)
        reader = csv.reader(lines, delimiter=self.delimiter, skipinitialspace=True)
        try:
            for number, values in enumerate(reader, start=1):
                lines.end_row(number)
                cells = _trimmed(values)
                if cells:
                    yield number, cells
        except csv.Error as error:
            raise FileRefused(Fault.UNCLOSED_QUOTE, row=lines.rows + 1) from error


class _Lines:
    """Feeds the reader, and notices a quote that swallows the rows after it."""

    def __init__(self, text: str) -> None:
        # str.splitlines would also split at characters that spreadsheet programs keep within a cell.
        self._lines = StringIO(text, newline="")
        self._taken: list[str] = []
        self.rows = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        try:
            line = next(self._lines)
        except StopIteration:
            if sum(line.count('"') for line in self._taken) % 2 and len(self._taken) > 1:
                raise FileRefused(Fault.UNCLOSED_QUOTE, row=self.rows + 1) from None
            raise
        self._taken.append(line)
        if len(self._taken) > faults.MOST_LINES_IN_A_CELL:
            raise FileRefused(Fault.UNCLOSED_QUOTE, row=self.rows + 1)
        return line

    def end_row(self, number: int) -> None:
        self.rows = number
        self._taken.clear()


def _stated_delimiter(text: str) -> tuple[str | None, str]:
    """Excel's own hint, a first line ``sep=;``, which no spreadsheet program shows as a row."""
    first, _, rest = text.partition("\n")
    hint = first.strip().strip('"')
    if len(hint) == 5 and hint.lower().startswith("sep="):
        return hint[4], rest
    return (first.rstrip("\r")[4:5], rest) if first.lower().startswith("sep=\t") else (None, text)


def detect_delimiter(text: str) -> str:
    """The one that splits the first rows most evenly into most columns."""
    best, delimiter = (0.0, 0), ","
    for candidate in DELIMITERS:
        widths = _widths(text[:_SAMPLE], candidate)
        if not widths:
            continue
        width, rows = Counter(widths).most_common(1)[0]
        score = (rows / len(widths) if width > 1 else 0.0, width)
        if score > best:
            best, delimiter = score, candidate
    return delimiter


def _widths(text: str, delimiter: str) -> list[int]:
    lines = [line for line in text.splitlines() if line.strip()][:_LOOKED_AT]
    try:
        return [len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True)]
    except csv.Error:
        return []


def _trimmed(values: list[str]) -> list[str]:
    cells = [original(value[: faults.LONGEST_CELL].strip()) for value in values]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) > faults.MOST_COLUMNS:
        raise FileRefused(Fault.TOO_MANY_COLUMNS, most=faults.MOST_COLUMNS)
    return cells
