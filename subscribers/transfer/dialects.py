"""How a text file divides its cells, told from its first rows."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

DELIMITERS: Final = (",", ";", "\t", "|")
_LOOKED_AT: Final = 40
# A quotation mark behind a backslash ends no cell, unless the cell ends with that very backslash.
_ESCAPED: Final = r'\\"(?!\s*(?:[,;\t|]|$))'
_ENDS_IN_ADDRESS: Final = re.compile(r"[^@]*[^\s@]@[^\s@,;|]+\s*")
_IN_APOSTROPHES: Final = re.compile(r"\s*'.*'\s*")


class Dialect(NamedTuple):
    delimiter: str
    quote: str
    escape: str
    """Blank where a quotation mark within a cell is doubled, as it should be."""
    spread: bool = False
    """Whether each cell is a row of its own, as in ``Ann <ann@example.org>, Bob <bob@example.org>``."""

    def options(self) -> dict[str, Any]:
        """As the csv module calls them."""
        return {
            "delimiter": self.delimiter,
            "quotechar": self.quote,
            "escapechar": self.escape or None,
            "skipinitialspace": True,
        }


def detect(text: str, stated: Mapping[str, Any]) -> Dialect:
    """What is stated stays."""
    quote, escape, delimiter = (stated.get(name) for name in ("quote", "escape", "delimiter"))
    lines = [line for line in text.splitlines() if line.strip()][:_LOOKED_AT]
    if quote is None:
        quote = "'" if '"' not in text and lines and all(map(_IN_APOSTROPHES.fullmatch, lines)) else '"'
    if escape is None:
        escape = "\\" if quote == '"' and any(re.search(_ESCAPED, line) for line in lines) else ""
    options = Dialect(delimiter or ",", quote, escape)
    spread = _spread(lines, options, [delimiter] if delimiter else DELIMITERS)
    if spread and stated.get("spread", True):
        return options._replace(delimiter=spread, spread=True)
    return options._replace(delimiter=delimiter or _delimiter(lines, options))


def hint(text: str) -> tuple[str | None, int]:
    """Excel's own, a first line ``sep=;``, which no spreadsheet program shows as a row; and its length."""
    found = re.match(r'"?sep=([^\r\n"])"?[ ]*(?:\r\n|\r|\n|$)', text, re.IGNORECASE)
    return (found[1], found.end()) if found else (None, 0)


def _delimiter(lines: list[str], options: Dialect) -> str:
    """The one that splits the first rows most evenly into most columns."""
    best, delimiter = (0.0, 0), ","
    for candidate in DELIMITERS:
        widths = _widths(lines, options._replace(delimiter=candidate))
        if not widths:
            continue
        width, rows = Counter(widths).most_common(1)[0]
        score = (rows / len(widths) if width > 1 else 0.0, width)
        if score > best:
            best, delimiter = score, candidate
    return delimiter


def _spread(lines: list[str], options: Dialect, delimiters: Sequence[str]) -> str:
    """What stands between addresses, as in the first line of a mail; blank if it is no such list."""
    for delimiter in delimiters:
        rows = [[cell for cell in row if cell] for row in _rows(lines, options._replace(delimiter=delimiter))]
        is_table = len(rows) > 1 and len(set(map(len, rows))) == 1
        cells = [cell for row in rows for cell in row]
        if len(cells) > len(rows) and not is_table and all(map(_ENDS_IN_ADDRESS.fullmatch, cells)):
            return delimiter
    return ""


def _widths(lines: list[str], dialect: Dialect) -> list[int]:
    return [len(row) for row in _rows(lines, dialect)]


def _rows(lines: list[str], dialect: Dialect) -> list[list[str]]:
    try:
        return list(csv.reader(lines, **dialect.options()))
    except csv.Error:
        return []
