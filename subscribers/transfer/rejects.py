"""The rows that were left out, as a workbook to mend and to import again."""

from __future__ import annotations

from io import BytesIO

from django.utils.translation import gettext as _

from subscribers.models import Import, ImportIssue
from subscribers.transfer import workbooks
from subscribers.transfer.mapping import REMARK


def rejected_rows(over: Import) -> bytes:
    """The columns of the file, then row, reason and suggestion, as .xlsx with nothing but text in its cells."""
    remarks = [REMARK + heading for heading in (_("row"), _("reason"), _("suggestion"))]
    issues = over.issues.filter(is_rejected=True).iterator()
    file = BytesIO()
    workbooks.write(file, [*over.columns, *remarks], (_cells(issue, len(over.columns)) for issue in issues))
    return file.getvalue()


def _cells(issue: ImportIssue, width: int) -> list[str]:
    cells = [*issue.values[:width], *[""] * (width - len(issue.values))]
    reason = f"{issue.get_reason_display()}: {issue.message}"
    return [*cells, str(issue.row), reason, issue.suggestion, *issue.values[width:]]
