"""The later steps of an import in the admin: the dry run, the import, its report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern
from django.utils.translation import gettext as _

from subscribers import tasks
from subscribers.admin import import_changes
from subscribers.admin.import_frame import address
from subscribers.admin.import_undo import (
    PERMISSION,
    ImportUndo,
    can_be_undone,
    is_past_undoing,
    kept_people,
    undo_progress,
)
from subscribers.models import Import, ImportIssue
from subscribers.transfer import rejects
from subscribers.transfer.importing import ENROLLED, RENEWED
from subscribers.transfer.progress import Line, outcomes, progress

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ISSUES_ON_A_PAGE = 50
Status = Import.Status


@dataclass(frozen=True)
class Bar(Line):
    """Of the rows that were read, as long as its share of them."""

    percent: float


class ImportReport(ImportUndo):
    def get_urls(self) -> list[URLPattern]:
        pages = [
            self.own_path("live", self.live_view),
            self.own_path("run", self.run_view),
            self.own_path("cancel", self.cancel_view),
            self.own_path("rejected", self.rejected_view),
        ]
        return [*pages, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        found = self.import_to_see(request, int(object_id) if object_id.isdecimal() else 0)
        if found.status == Status.UPLOADED and self.has_change_permission(request, found):
            return HttpResponseRedirect(address("columns", found))
        return self.page(request, "report", self.report(request, found), found)

    def report(self, request: HttpRequest, found: Import) -> dict[str, Any]:
        reasons = [
            Line(code, str(ImportIssue.Reason(code).label), rows)
            for code, rows in found.issues.values_list("reason").annotate(rows=Count("pk")).order_by("-rows")
        ]
        chosen = request.GET.get("reason", "")
        chosen = chosen if chosen in ImportIssue.Reason.values else ""
        return self.numbers(request, found) | {
            "title": found.name,
            "step": 3 if found.status in (Status.UPLOADED, Status.CHECKING, Status.CHECKED) else 4,
            "reasons": reasons,
            "chosen": chosen,
            "issues": _issues(found, reasons, chosen, request.GET.get("page")),
            "lists": found.mailing_lists.all(),
            "tags": found.tags.all(),
            "changing": import_changes.people(found) if found.status == Status.CHECKED else [],
            "may_undo": request.user.has_perm(PERMISSION) and can_be_undone(found),
            "is_past_undoing": is_past_undoing(found),
            **(kept_people(found, request.GET.get("kept")) if found.status == Status.UNDONE else {}),
            "has_rejected": not found.is_under_way and found.issues.filter(is_rejected=True).exists(),
        }

    def numbers(self, request: HttpRequest, found: Import) -> dict[str, Any]:
        arriving = found.counts.get("new", 0) + found.counts.get("updated", 0)
        return {
            "import": found,
            "progress": progress(found),
            "undo_progress": undo_progress(found) if found.status == Status.UNDOING else None,
            "bars": bars(found),
            "arriving": arriving,
            "enrolled": found.counts.get(ENROLLED, 0),
            "renewed": found.counts.get(RENEWED, 0),
            "may_change": self.has_change_permission(request, found),
        }

    def live_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        found = self.import_to_see(request, object_id)
        response = render(request, "admin/subscribers/import_numbers.html", self.numbers(request, found))
        if found.status != request.GET.get("status"):
            response.headers["Live"] = "done"
        return response

    def run_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        checked = self.import_to_change(request, object_id)
        if checked.run():
            tasks.nudge(checked.pk)
            self.log_change(request, checked, _("Started the import."))
        else:
            self.tell_who_was_faster(request, checked)
        return HttpResponseRedirect(address("change", checked))

    def cancel_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        found = self.import_to_change(request, object_id)
        if found.cancel():
            found.forget_file()
            self.log_change(request, found, _("Cancelled the import."))
        else:
            self.tell_who_was_faster(request, found)
        return HttpResponseRedirect(address("change", found))

    def rejected_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        found = self.import_to_change(request, object_id)
        response = HttpResponse(rejects.rejected_rows(found), content_type=WORKBOOK)
        response.headers["Content-Disposition"] = f'attachment; filename="rejected-rows-{found.pk}.xlsx"'
        return response


def bars(found: Import) -> list[Bar]:
    lines = outcomes(found)
    total = sum(line.rows for line in lines)
    return [Bar(line.code, line.label, line.rows, line.rows * 100 / total) for line in lines if line.rows]


def _issues(found: Import, reasons: list[Line], chosen: str, number: str | None) -> Page[ImportIssue]:
    """Of all reasons, or of the chosen one."""
    issues = found.issues.filter(reason=chosen) if chosen else found.issues.all()
    pages = Paginator(issues, ISSUES_ON_A_PAGE)
    # They have just been counted.
    pages.count = sum(line.rows for line in reasons if chosen in ("", line.code))
    return pages.get_page(number)
