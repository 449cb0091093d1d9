"""The first steps of an import in the admin: the file and what is stated of it, and what its columns hold."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.translation import gettext as _

from subscribers import tasks
from subscribers.admin.import_columns import ColumnsForm
from subscribers.admin.import_forms import DialectForm
from subscribers.admin.import_frame import ImportFrame, address
from subscribers.admin.import_stated import StatedForm, UploadForm
from subscribers.models import Import
from subscribers.transfer import intake, profiles, wording
from subscribers.transfer.faults import FileRefused
from subscribers.transfer.reading import Row

Status = Import.Status
SHOWN_ROWS = 5


class ImportSteps(ImportFrame):
    def get_urls(self) -> list[URLPattern]:
        pages = [self.own_path("columns", self.columns_view), self.own_path("stated", self.stated_view)]
        return [*pages, *super().get_urls()]

    # Step 1: the file, and what is stated of it.

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None, initial=self._as_last_time(request))
        if request.method == "POST" and form.is_valid():
            received = self._receive(request, form)
            if received:
                self.log_addition(request, received, [{"added": {}}])
                return HttpResponseRedirect(address("columns", received))
        return self.page(request, "upload", {"form": form, "step": 1, "title": _("Import people")})

    def _as_last_time(self, request: HttpRequest) -> dict[str, Any] | None:
        """What was stated of the import whose rejected rows come back mended."""
        number = request.GET.get("like", "")
        earlier = self.get_queryset(request).filter(pk=int(number)).first() if number.isdecimal() else None
        return StatedForm.told(earlier) if earlier and self.has_view_permission(request, earlier) else None

    def _receive(self, request: HttpRequest, form: UploadForm) -> Import | None:
        file, name = form.rows()
        try:
            return intake.receive(file, name=name, created_by_id=request.user.pk, **form.stated())
        except FileRefused as refusal:
            form.add_error("file" if form.cleaned_data["file"] else "pasted", wording.explain(refusal))
            return None

    def stated_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        received = self.import_to_change(request, object_id)
        if received.status not in (Status.UPLOADED, Status.CHECKED):
            return HttpResponseRedirect(address("change", received))
        form = StatedForm(request.POST or None, initial=StatedForm.told(received))
        if form.is_bound and form.is_valid():
            if not intake.restate(received, **form.stated()):
                self.tell_who_was_faster(request, received)
            return HttpResponseRedirect(address("columns", received))
        return self.page(request, "stated", {"form": form, "step": 1, "title": received.name}, received)

    # Step 2: what the columns hold.

    def columns_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        received = self.import_to_change(request, object_id)
        if received.status not in (Status.UPLOADED, Status.CHECKED):
            return HttpResponseRedirect(address("change", received))
        dialect = DialectForm(received.dialect, request.POST if "read" in request.POST else None)
        if dialect.is_bound and dialect.is_valid() and self._read_again(request, received, dialect):
            return HttpResponseRedirect(address("columns", received))
        rows, problem = _sample(received)
        columns = ColumnsForm(received, rows, request.POST if "check" in request.POST else None)
        if columns.is_bound and columns.is_valid():
            return self._check(request, received, columns)
        context = {
            "dialect": dialect,
            "form": columns,
            "columns": [] if problem else columns.columns(),
            "rows": [row.cells[: len(received.columns)] for row in rows[:SHOWN_ROWS]],
            "problem": problem,
            "notes": wording.notes(received.dialect),
            "is_as_before": profiles.is_as_before(received),
            "step": 2,
            "title": received.name,
        }
        return self.page(request, "columns", context, received)

    def _read_again(self, request: HttpRequest, received: Import, form: DialectForm) -> bool:
        """Raises nothing; False if the file cannot be read like this."""
        try:
            intake.read_as(received, form.cleaned_data)
        except FileRefused as refusal:
            form.add_error(None, wording.explain(refusal))
            return False
        names = ("dialect", "columns", "mapping", "attributes")
        if not received.settle(**{name: getattr(received, name) for name in names}):
            self.tell_who_was_faster(request, received)
        return True

    def _check(self, request: HttpRequest, received: Import, form: ColumnsForm) -> HttpResponse:
        settled = {name: form.cleaned_data[name] for name in ("mapping", "attributes")}
        if received.check_again(**settled):
            profiles.remember(received)
            tasks.nudge(received.pk)
        else:
            self.tell_who_was_faster(request, received)
        return HttpResponseRedirect(address("change", received))


def _sample(received: Import) -> tuple[list[Row], str]:
    """The first rows, and what is wrong with them."""
    try:
        rows = intake.sample(received)
    except FileRefused as refusal:
        return [], wording.explain(refusal)
    return rows, "" if rows else wording.no_rows()
