"""The list of imports."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from subscribers.admin.import_pages import ImportSteps
from subscribers.admin.import_report import ImportReport, bars
from subscribers.models import Import
from subscribers.transfer.progress import progress

Status = Import.Status
LABELS: dict[str, str] = {
    Status.UPLOADED: "info",
    Status.CHECKING: "info",
    Status.CHECKED: "warning",
    Status.RUNNING: "info",
    Status.DONE: "success",
    Status.FAILED: "danger",
    Status.CANCELLED: "default",
    Status.UNDOING: "info",
    Status.UNDONE: "default",
}


@admin.register(Import)
class ImportAdmin(ImportSteps, ImportReport):
    list_display: ClassVar[Any] = ("name", "state", "rows", "outcome", "onto", "created_at", "uploader")
    list_filter: ClassVar[Any] = (("status", ChoicesDropdownFilter), "mailing_lists")
    list_filter_submit = True
    list_select_related = ("created_by",)
    search_fields: ClassVar[Any] = ("name",)

    class Media:
        css: ClassVar[Any] = {"all": ["staff/import-report.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        queryset: QuerySet[Import] = super().get_queryset(request).prefetch_related("mailing_lists")
        return queryset

    @display(description=gettext_lazy("status"), label=LABELS)
    def state(self, found: Import) -> tuple[str, str]:
        return found.status, found.get_status_display()

    @admin.display(description=gettext_lazy("rows"))
    def rows(self, found: Import) -> str:
        percent = progress(found).percent
        if found.is_under_way and percent is not None:
            return _("%(percent)s %%") % {"percent": percent}
        total = found.total_rows or found.cursor
        return intcomma(total) if total else "–"

    @admin.display(description=gettext_lazy("what became of them"))
    def outcome(self, found: Import) -> str:
        """A bar, and the same in words for whoever does not see it."""
        return render_to_string("admin/subscribers/import_outcome.html", {"bars": bars(found)}) if found.counts else "–"

    @admin.display(description=gettext_lazy("lists"))
    def onto(self, found: Import) -> str:
        return ", ".join(page.name for page in found.mailing_lists.all())

    @admin.display(description=gettext_lazy("uploaded by"))
    def uploader(self, found: Import) -> str:
        return str(found.created_by or "–")

    def has_delete_permission(self, request: HttpRequest, obj: Import | None = None) -> bool:
        return (obj is None or not obj.is_under_way) and bool(super().has_delete_permission(request, obj))

    def delete_model(self, request: HttpRequest, obj: Import) -> None:
        obj.forget_file()
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Import]) -> None:
        for found in queryset:
            found.forget_file()
        super().delete_queryset(request, queryset)
