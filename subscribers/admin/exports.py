"""Exports: asked for, watched, fetched for some days. Each download is recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from subscribers import selections, tasks
from subscribers.models import Export, Subscriber
from subscribers.models.errand import Errand
from subscribers.selections import BadSelection
from subscribers.transfer import columns, exporting
from subscribers.transfer.formats import KINDS

from .bulk import chosen_people
from .errands import LABELS, ErrandAdmin, of_whom
from .export_forms import ExportForm
from .lists import grouped

PERMISSION: Final = "subscribers.export_subscriber"
# What the value of a parameter means for the selection; nothing if it makes no sense.
Question = Callable[[str], Any]
_questions: dict[str, tuple[Question, str]] = {}


def accept(kind: str, question: Question, permission: str) -> None:
    """Let pages of other apps ask for an export of whom only they know, with the kind of selection as parameter."""
    _questions[kind] = question, permission


@admin.register(Export)
class ExportAdmin(ErrandAdmin):
    list_display: ClassVar = ["name", "state", "whom", "people", "fetched", "until", "created_at", "asker"]
    list_filter: ClassVar = [("status", ChoicesDropdownFilter), ("format", ChoicesDropdownFilter)]
    list_filter_submit = True
    search_fields: ClassVar = ["name"]
    report_template = "admin/subscribers/export_report.html"
    outcomes: ClassVar = {exporting.WRITTEN: gettext_lazy("in the file")}

    def get_urls(self) -> list[URLPattern]:
        return [self._own_path("fetch", self.fetch_view), *super().get_urls()]

    @display(description=gettext_lazy("status"), label=LABELS)
    def state(self, export: Export) -> tuple[str, str]:
        return export.status, export.get_status_display()

    @display(description=gettext_lazy("of whom"))
    def whom(self, export: Export) -> str:
        return of_whom(export.selection)

    @display(description=gettext_lazy("people"))
    def people(self, export: Export) -> str:
        return grouped(export.counts.get(exporting.WRITTEN, 0))

    @display(description=gettext_lazy("downloads"))
    def fetched(self, export: Export) -> str:
        return grouped(export.downloads)

    @display(description=gettext_lazy("until"))
    def until(self, export: Export) -> str:
        return _moment(export) if export.is_ready else "–"

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        selection = _meant(request)
        newest = Subscriber.objects.aggregate(newest=Max("pk"))["newest"] or 0
        stated = request.POST.get("up_to", "")
        whom = {**selection, "up_to": int(stated) if stated.isdecimal() and len(stated) < 19 else newest}
        try:
            people = selections.people(whom).count()
        except BadSelection as gone:
            messages.error(request, str(gone))
            return HttpResponseRedirect(self.list_address())
        form = ExportForm(request.POST or None, selection=selection, newest=newest, people=people)
        if request.method == "POST" and not form.columns.arrange(request.POST) and form.is_valid():
            return self.start(request, whom, form, people)
        context = {"title": _("Export people"), "form": form, "number": people, "whom": of_whom(selection)}
        return render(request, "admin/subscribers/export_add.html", self.frame(request) | context)

    @transaction.atomic
    def start(self, request: HttpRequest, selection: dict[str, Any], form: ExportForm, people: int) -> HttpResponse:
        export = Export.objects.create(
            **form.stated(), selection=selection, total=people, created_by_id=request.user.pk
        )
        self.log_addition(request, export, [{"added": {}}])
        tasks.send_on(export)
        return HttpResponseRedirect(self.address("change", export))

    def fetch_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """By POST, since it is written down who fetched the file."""
        export: Export = self.errand_to_see(request, object_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            opened = export.file.open("rb") if export.is_ready else None
        except FileNotFoundError:
            opened = None
        if opened is None:
            messages.error(request, _("This file is not there any more. Ask for it anew."))
            return HttpResponseRedirect(self.address("change", export))
        with transaction.atomic():
            Export.objects.filter(pk=export.pk).update(downloads=F("downloads") + 1)
            self.log_change(request, export, _("Downloaded."))
        form = KINDS[export.format]
        return FileResponse(opened, as_attachment=True, filename=export.name, content_type=form.content_type)

    def facts(self, errand: Errand) -> list[tuple[str, str]]:
        if not isinstance(errand, Export):
            return super().facts(errand)
        labels = {column.key: column.label for column in columns.offered(errand.selection)}
        named = ", ".join(labels.get(key, key) for key in errand.columns)
        return [*super().facts(errand), (_("Columns"), named), (_("Kind of file"), errand.get_format_display())]

    def numbers(self, errand: Errand) -> dict[str, Any]:
        # How many people are in the file stands above already.
        return super().numbers(errand) | {"outcomes": []}

    def report(self, request: HttpRequest, errand: Errand) -> dict[str, Any]:
        own = {"download": self.address("fetch", errand), "until": ""}
        if isinstance(errand, Export) and errand.is_ready:
            own["until"] = _moment(errand)
        return super().report(request, errand) | own

    def list_address(self) -> str:
        return f"{self.address('change', Export(pk=0)).partition('/0/')[0]}/"

    def delete_model(self, request: HttpRequest, obj: Export) -> None:
        obj.forget_file()
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Export]) -> None:
        for export in queryset:
            export.forget_file()
        super().delete_queryset(request, queryset)

    # Whoever may export sees what was exported.

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(PERMISSION)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(PERMISSION)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(PERMISSION) and (obj is None or not obj.is_under_way)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)


def _meant(request: HttpRequest) -> dict[str, Any]:
    """Those marked one by one, else everybody whom the filters find; of whom another app alone knows."""
    selection = chosen_people(request.GET)
    for kind, (question, permission) in _questions.items():
        if kind in request.GET:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            selection[kind] = question(request.GET[kind])
    return selection


def _moment(export: Export) -> str:
    return date_format(localtime(export.expires_at), "SHORT_DATETIME_FORMAT")
