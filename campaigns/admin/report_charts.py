"""What happened when, as small charts of columns: one for each thing, and all of them over the same hours or days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.admin.report_tables import PERHAPS, Check, Column, Row, Table, together
from campaigns.admin.spans import Number, in_digits, least, most
from campaigns.readership import Moment, Report
from campaigns.readership.moments import Things

# Of the height, so that the highest column does not touch the edge.
TOP = 96.0
# Of its place; the rest is the gap to the next one.
WIDTH = 0.78
# Places at least, so that a few columns do not become walls.
SLOTS = 8


@dataclass(frozen=True)
class Piece:
    """A rectangle, in percent of the chart; `y` counts from above."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Pillar:
    words: str
    pieces: list[Piece]


@dataclass(frozen=True)
class Chart:
    name: str
    title: str
    highest: str
    pillars: list[Pillar]
    words: str
    """For whoever does not see it."""


@dataclass(frozen=True)
class Period:
    """The first hours, or the days that follow; `ends` are the first and the last moment in words."""

    name: str
    title: str
    charts: list[Chart]
    table: Table
    ends: tuple[str, str]

    @property
    def width(self) -> float:
        """At most, in letters."""
        return max(28, 3.5 * len(self.table.rows))


def periods(report: Report) -> list[Period]:
    hours = [moment for moment in report.moments if moment.unit == "hour"]
    days = [moment for moment in report.moments if moment.unit != "hour"]
    named = (("hours", _("The first 48 hours"), hours), ("days", _("The days after"), days))
    return [_period(name, title, found) for name, title, found in named if found]


def moment_table(report: Report) -> Table:
    """All of them, for a file: together they are everybody to whom it was sent."""
    columns = _columns()
    rows = [_row(moment) for moment in report.moments]
    total = together(rows, columns, _("Together"))
    checks = [Check(_("Sent"), most(total.values["sent"]), report.ledger.sent)]
    return Table("moments", _("Over time"), _("Beginning"), columns, rows, total, checks)


def _period(name: str, title: str, found: Sequence[Moment]) -> Period:
    columns = _columns()
    rows = [_row(moment) for moment in found]
    total = together(rows, columns, _("Together"))
    charts = [_chart(column, rows) for column in columns if most(total.values[column.name])]
    table = Table(name, title, _("Beginning"), columns, rows, total)
    return Period(name, title, charts, table, (rows[0].label, rows[-1].label))


def _columns() -> list[Column]:
    return [
        Column("sent", _("Sent")),
        Column("opened", _("Opened"), is_span=True),
        Column("clicked", _("Links clicked"), is_span=True),
        Column("unsubscribed", _("Unsubscribed")),
        Column("openings", _("Opened (sums)"), is_span=True),
        Column("clicks", _("Links clicked (sums)"), is_span=True),
    ]


def _row(moment: Moment) -> Row:
    values: dict[str, Number] = {one.name: getattr(moment.things, one.name) for one in fields(Things)}
    return Row(_label(moment), values)


def _label(moment: Moment) -> str:
    at = timezone.localtime(moment.begins_at)
    day = date_format(at, "SHORT_DATE_FORMAT")
    if moment.unit == "hour":
        return f"{day}, {date_format(at, 'TIME_FORMAT')}"
    return pgettext("after a day", "from %(day)s") % {"day": day} if moment.unit == "later" else day


def _chart(column: Column, rows: Sequence[Row]) -> Chart:
    numbers = [row.values[column.name] for row in rows]
    highest = max(map(most, numbers))
    peak = rows[[most(number) for number in numbers].index(highest)]
    words = {"what": column.label, "number": in_digits(peak.values[column.name]), "when": peak.label}
    step = 100 / max(len(rows), SLOTS)
    return Chart(
        column.name,
        column.label,
        in_digits(highest),
        [_pillar(column.name, row, at * step, step, highest) for at, row in enumerate(rows)],
        _("%(what)s: the most, %(number)s, at %(when)s. The table below has all numbers.") % words,
    )


def _pillar(kind: str, row: Row, x: float, step: float, highest: int) -> Pillar:
    number = row.values[kind]
    sure, perhaps = (TOP * one / highest for one in (least(number), most(number) - least(number)))
    left, width = x + step * (1 - WIDTH) / 2, step * WIDTH
    pieces = [
        Piece(kind, left, 100 - sure, width, sure),
        Piece(PERHAPS, left, 100 - sure - perhaps, width, perhaps),
    ]
    return Pillar(f"{row.label}: {in_digits(number)}", [piece for piece in pieces if piece.height])
