"""The shape of the tables of a report: for the page and for files alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from campaigns.admin.spans import Number, in_digits, in_percent, least, most
from campaigns.readership import Span

# Drawn with a sign of its own: what at most happened, besides what happened at least.
PERHAPS: Final = "perhaps"


@dataclass(frozen=True)
class Column:
    """`whole` names the column whose part it is."""

    name: str
    label: str
    whole: str = ""
    is_always_shown: bool = False
    is_span: bool = False


@dataclass(frozen=True)
class Piece:
    """Of a bar; `percent` of the widest bar of the table."""

    kind: str
    percent: float


@dataclass(frozen=True)
class Row:
    label: str
    values: dict[str, Number]
    bar: list[Piece] = field(default_factory=list)
    details: str = ""
    is_part: bool = False
    """Of the row above: not counted again in the sum."""
    is_ltr: bool = False
    """A domain or the address of a link."""


@dataclass(frozen=True)
class Cell:
    label: str
    digits: str
    percent: str


@dataclass(frozen=True)
class Line:
    row: Row
    cells: list[Cell]


@dataclass(frozen=True)
class Check:
    """The sum of a column, and what it has to be."""

    label: str
    found: int
    expected: int

    @property
    def agrees(self) -> bool:
        return self.found == self.expected


@dataclass(frozen=True)
class Table:
    name: str
    title: str
    first: str
    """The heading of the labels."""
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: Row | None = None
    checks: Sequence[Check] = ()
    note: str = ""

    @property
    def shown(self) -> list[Column]:
        """Columns with any number in them."""
        counted = [*self.rows, *([self.total] if self.total else [])]
        return [
            column
            for column in self.columns
            if column.is_always_shown or any(most(row.values.get(column.name, 0)) for row in counted)
        ]

    @property
    def lines(self) -> Iterator[Line]:
        return (self._line(row) for row in self.rows)

    @property
    def sum(self) -> Line | None:
        return self._line(self.total) if self.total else None

    @property
    def adds_up(self) -> bool:
        return all(check.agrees for check in self.checks)

    @property
    def has_bars(self) -> bool:
        return any(row.bar for row in self.rows)

    def _line(self, row: Row) -> Line:
        return Line(row, [self._cell(row, column) for column in self.shown])

    def _cell(self, row: Row, column: Column) -> Cell:
        number = row.values.get(column.name)
        if number is None:
            return Cell(column.label, "", "")
        whole = row.values.get(column.whole, 0)
        percent = in_percent(number, most(whole)) if column.whole else ""
        return Cell(column.label, in_digits(number), percent)


def bar(number: Number, widest: int, kind: str) -> list[Piece]:
    """What is certain, then what is not."""
    pieces = [Piece(kind, least(number)), Piece(PERHAPS, most(number) - least(number))]
    return [Piece(one.kind, 100 * one.percent / widest) for one in pieces if one.percent]


def together(rows: Sequence[Row], columns: Sequence[Column], label: str) -> Row:
    """The sum of all rows."""
    sums: dict[str, Number] = {}
    for column in columns:
        numbers = [row.values[column.name] for row in rows if column.name in row.values and not row.is_part]
        spans = [number for number in numbers if isinstance(number, Span)]
        sums[column.name] = sum(spans, Span()) if spans else sum(map(most, numbers))
    return Row(label, sums)
