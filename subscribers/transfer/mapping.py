"""Which row holds the headings, and which column holds what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import dropwhile, takewhile
from typing import Final

from subscribers.transfer import headings
from subscribers.transfer.reading import Row

RESERVED: Final = frozenset(
    {
        headings.EMAIL,
        headings.FIRST_NAME,
        headings.LAST_NAME,
        headings.LANGUAGE,
        headings.TIME_ZONE,
        headings.LISTS,
        headings.TAGS,
        "name",
    }
)
# Begins a heading of our own, in a file of rejected rows, that is no detail of a person.
REMARK: Final = "# "
FIELDS: Final = (
    headings.EMAIL,
    headings.FIRST_NAME,
    headings.LAST_NAME,
    headings.FULL_NAME,
    headings.LANGUAGE,
    headings.TIME_ZONE,
    headings.LISTS,
    headings.TAGS,
)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def find_heading(rows: Sequence[Row]) -> int:
    """The number of the row with the headings; 0 if the first row is a person already.

    Titles and remarks may stand above it, often in merged cells, so that only one cell is filled.
    """
    # A heading may be merged over two rows, of which the lower one names the columns beside it.
    named = dropwhile(lambda row: not _names_address(row), rows)
    if first := next(named, None):
        # Whoever has an address below it is a person, though some other cell says "email".
        others = takewhile(lambda row: _names_address(row) and not _holds_address(row), named)
        return [first, *others][-1].number
    for row in rows:
        if _holds_address(row):
            return 0
        if sum(map(bool, row.cells)) > 1:
            return row.number
    return rows[0].number if rows else 0


def _names_address(row: Row) -> bool:
    return any(headings.meaning(cell) == headings.EMAIL for cell in row.cells)


def column_names(rows: Sequence[Row], heading: int) -> list[str]:
    """The headings as read; columns without one, or beyond them, are called by their letter."""
    named = next((row.cells for row in rows if row.number == heading), [])
    below = [row for row in rows if row.number > heading]
    width = len(named) if heading else max((len(row.cells) for row in below), default=0)
    return [named[at] if at < len(named) and named[at] else letter(at) for at in range(width)]


def guess(columns: Sequence[str], rows: Sequence[Row]) -> dict[str, str]:
    """Column number (as text) → field, or ``attribute:name``; each field once."""
    mapping: dict[str, str] = {}
    for at, heading in enumerate(columns):
        field = headings.meaning(heading)
        if field and field not in mapping.values():
            mapping[str(at)] = field
        elif heading != letter(at) and not heading.startswith(REMARK):
            _add_attribute(mapping, at, heading)
    if headings.EMAIL not in mapping.values():
        found = _column_of_addresses(len(columns), rows)
        if found is not None:
            mapping[str(found)] = headings.EMAIL
    return mapping


def heading_of(attribute: str) -> str:
    """A heading that `guess` takes for this attribute."""
    is_plain = headings.attribute_name(attribute) == attribute and attribute not in RESERVED
    return attribute if is_plain and not headings.meaning(attribute) else f"{headings.ATTRIBUTE}:{attribute}"


def _add_attribute(mapping: dict[str, str], at: int, heading: str) -> None:
    prefix, _colon, stated = heading.partition(":")
    name = stated if prefix == headings.ATTRIBUTE and stated else headings.attribute_name(heading)
    target = f"{headings.ATTRIBUTE}:{name}"
    if name and (name == stated or name not in RESERVED) and target not in mapping.values():
        mapping[str(at)] = target


def _column_of_addresses(width: int, rows: Sequence[Row]) -> int | None:
    """The column with the most addresses, if any."""
    found = [sum(1 for row in rows if at < len(row.cells) and _ADDRESS.search(row.cells[at])) for at in range(width)]
    best = max(found, default=0)
    return found.index(best) if best else None


def _holds_address(row: Row) -> bool:
    return any(_ADDRESS.search(cell) for cell in row.cells)


def letter(at: int) -> str:
    """As spreadsheet programs name columns: A … Z, AA …"""
    name, at = "", at + 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
