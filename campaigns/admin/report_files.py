"""The tables of a report as a file, one below the other; no address of anybody is in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.admin.report_tables import Column, Row, Table
from campaigns.readership import Span
from subscribers.models import Export
from subscribers.transfer import workbooks
from subscribers.transfer.columns import Value
from subscribers.transfer.formats import KINDS


def file_of(kind: str, title: str, tables: Sequence[Table]) -> bytes:
    """`kind`: csv or xlsx. What others wrote is text in it and no formula."""
    heading = [title, timezone.localtime().isoformat(" ", "seconds")]
    rows = [row for table in tables for row in _block(table)]
    if kind == Export.Format.XLSX:
        file = BytesIO()
        workbooks.write(file, heading, rows, title="Report")
        return file.getvalue()
    text = KINDS[Export.Format.CSV]
    return text.heading(heading) + text.rows(rows, above=0)


def _block(table: Table) -> Iterator[list[Value]]:
    yield []
    yield [table.title]
    yield [table.first, *(name for column in table.columns for name in _names(column)), _("Remark")]
    for row in table.rows:
        yield _cells(table, row)
    if table.total:
        yield _cells(table, table.total)


def _names(column: Column) -> list[str]:
    if not column.is_span:
        return [column.label]
    words = {"what": column.label}
    return [_("%(what)s, at least") % words, _("%(what)s, at most") % words]


def _cells(table: Table, row: Row) -> list[Value]:
    cells: list[Value] = [f"– {row.label}" if row.is_part else row.label]
    for column in table.columns:
        number = row.values.get(column.name)
        if isinstance(number, Span):
            cells += [number.least, number.most]
        else:
            cells += [number, number] if column.is_span else [number]
    return [*cells, row.details]
