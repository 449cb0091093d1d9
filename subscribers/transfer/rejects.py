"""The rows that were left out, as a workbook to mend and to import again."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from subscribers.models import Import
from subscribers.transfer.cells import neutral
from subscribers.transfer.mapping import REMARK


def rejected_rows(over: Import) -> bytes:
    """The columns of the file, then row, reason and suggestion, as .xlsx with nothing but text in its cells."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Rejected rows"))
    width = len(over.columns)
    remarks = [REMARK + heading for heading in (_("row"), _("reason"), _("suggestion"))]
    _append(sheet, [*over.columns, *remarks])
    for issue in over.issues.filter(is_rejected=True).iterator():
        cells = [*issue.values[:width], *[""] * (width - len(issue.values))]
        reason = f"{issue.get_reason_display()}: {issue.message}"
        _append(sheet, [*cells, str(issue.row), reason, issue.suggestion, *issue.values[width:]])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _append(sheet: Any, texts: Iterable[str]) -> None:
    cells = []
    for text in texts:
        cell = WriteOnlyCell(sheet, neutral(text))
        # openpyxl takes text that begins with an equals sign for a formula, whatever stands before it.
        cell.data_type = "s"
        cells.append(cell)
    sheet.append(cells)
