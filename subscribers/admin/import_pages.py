"""The steps of an import in the admin: file, columns, dry run, import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from subscribers import tasks
from subscribers.admin.import_forms import ColumnsForm, DialectForm, UploadForm
from subscribers.models import Import, ImportIssue
from subscribers.transfer import intake, rejects, wording
from subscribers.transfer.faults import FileRefused
from subscribers.transfer.importing import ENROLLED
from subscribers.transfer.progress import Line, outcomes, progress

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ISSUES_ON_A_PAGE = 50
Status = Import.Status


class ImportPages(ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        pages = [
            self._own_path("columns", self.columns_view),
            self._own_path("live", self.live_view),
            self._own_path("run", self.run_view),
            self._own_path("cancel", self.cancel_view),
            self._own_path("rejected", self.rejected_view),
        ]
        return [*pages, *super().get_urls()]

    def _own_path(self, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
        return path(f"<int:object_id>/{name}", self.admin_site.admin_view(view), name=f"subscribers_import_{name}")

    # Step 1: the file.

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            received = self._receive(request, form)
            if received:
                self.log_addition(request, received, [{"added": {}}])
                return HttpResponseRedirect(_address("columns", received))
        return self._page(request, "upload", {"form": form, "step": 1, "title": _("Import people")})

    def _receive(self, request: HttpRequest, form: UploadForm) -> Import | None:
        stated = form.cleaned_data
        try:
            return intake.receive(
                stated["file"],
                name=stated["file"].name,
                mailing_lists=stated["mailing_lists"],
                consent_statement=stated["consent_statement"],
                existing=stated["existing"],
                created_by_id=request.user.pk,
            )
        except FileRefused as refusal:
            form.add_error("file", wording.explain(refusal))
            return None

    # Step 2: what the columns hold.

    def columns_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        received = self._import_to_change(request, object_id)
        if received.status not in (Status.UPLOADED, Status.CHECKED):
            return HttpResponseRedirect(_address("change", received))
        dialect = DialectForm(received.dialect, request.POST if "read" in request.POST else None)
        columns = ColumnsForm(received, request.POST if "check" in request.POST else None)
        if dialect.is_bound and dialect.is_valid() and self._read_again(received, dialect):
            return HttpResponseRedirect(_address("columns", received))
        if columns.is_bound and columns.is_valid():
            return self._check(request, received, columns)
        context = {"dialect": dialect, "form": columns, "step": 2, "title": received.name}
        return self._page(request, "columns", context | self._sample(received, columns), received)

    def _read_again(self, received: Import, form: DialectForm) -> bool:
        try:
            intake.read_as(received, form.cleaned_data)
        except FileRefused as refusal:
            form.add_error(None, wording.explain(refusal))
            return False
        received.save(update_fields=["dialect", "columns", "mapping"])
        return True

    def _check(self, request: HttpRequest, received: Import, form: ColumnsForm) -> HttpResponse:
        received.mapping = form.cleaned_data["mapping"]
        received.save(update_fields=["mapping"])
        if received.check_again():
            tasks.nudge(received.pk)
        return HttpResponseRedirect(_address("change", received))

    def _sample(self, received: Import, form: ColumnsForm) -> dict[str, Any]:
        try:
            rows = intake.sample(received)
        except FileRefused as refusal:
            return {"problem": wording.explain(refusal), "columns": []}
        return {"problem": "" if rows else wording.no_rows(), "columns": form.columns(rows)}

    # Steps 3 and 4: the dry run, the import and its report.

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        found = self._import_to_see(request, int(object_id) if object_id.isdecimal() else 0)
        if found.status == Status.UPLOADED and self.has_change_permission(request, found):
            return HttpResponseRedirect(_address("columns", found))
        return self._page(request, "report", self._report(request, found), found)

    def _report(self, request: HttpRequest, found: Import) -> dict[str, Any]:
        reasons = [
            Line(code, str(ImportIssue.Reason(code).label), rows)
            for code, rows in found.issues.values_list("reason").annotate(rows=Count("pk")).order_by("-rows")
        ]
        chosen = request.GET.get("reason", "")
        issues = found.issues.filter(reason=chosen) if chosen in ImportIssue.Reason.values else found.issues.all()
        return self._numbers(request, found) | {
            "title": found.name,
            "step": 4 if found.status in (Status.RUNNING, Status.DONE) else 3,
            "reasons": reasons,
            "chosen": chosen,
            "issues": Paginator(issues, ISSUES_ON_A_PAGE).get_page(request.GET.get("page")),
            "lists": found.mailing_lists.all(),
            "has_rejected": not found.is_under_way and found.issues.filter(is_rejected=True).exists(),
        }

    def _numbers(self, request: HttpRequest, found: Import) -> dict[str, Any]:
        arriving = found.counts.get("new", 0) + found.counts.get("updated", 0)
        return {
            "import": found,
            "progress": progress(found),
            "outcomes": outcomes(found),
            "arriving": arriving,
            "enrolled": found.counts.get(ENROLLED, 0),
            "may_change": self.has_change_permission(request, found),
        }

    def live_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        found = self._import_to_see(request, object_id)
        response = render(request, "admin/subscribers/import_numbers.html", self._numbers(request, found))
        if found.status != request.GET.get("status"):
            response.headers["Live"] = "done"
        return response

    def run_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        checked = self._import_to_change(request, object_id)
        if checked.run():
            tasks.nudge(checked.pk)
            self.log_change(request, checked, _("Started the import."))
        else:
            self._tell_who_was_faster(request, checked)
        return HttpResponseRedirect(_address("change", checked))

    def cancel_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        found = self._import_to_change(request, object_id)
        if found.cancel():
            found.forget_file()
            self.log_change(request, found, _("Cancelled the import."))
        else:
            self._tell_who_was_faster(request, found)
        return HttpResponseRedirect(_address("change", found))

    def rejected_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        found = self._import_to_change(request, object_id)
        response = HttpResponse(rejects.rejected_rows(found), content_type=WORKBOOK)
        response.headers["Content-Disposition"] = f'attachment; filename="rejected-rows-{found.pk}.xlsx"'
        return response

    # What the pages share.

    def _import_to_see(self, request: HttpRequest, object_id: int) -> Import:
        found: Import = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        return found

    def _import_to_change(self, request: HttpRequest, object_id: int) -> Import:
        found = self._import_to_see(request, object_id)
        if not self.has_change_permission(request, found):
            raise PermissionDenied
        return found

    def _page(
        self, request: HttpRequest, name: str, context: dict[str, Any], found: Import | None = None
    ) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "import": found, "original": found}
        return render(request, f"admin/subscribers/import_{name}.html", frame | context)

    def _tell_who_was_faster(self, request: HttpRequest, found: Import) -> None:
        found.refresh_from_db()
        words = {"name": found.name, "status": found.get_status_display()}
        messages.warning(request, _("Somebody was faster. “%(name)s” is now: %(status)s.") % words)


def _address(name: str, found: Import) -> str:
    return reverse(f"admin:subscribers_import_{name}", args=[found.pk])
