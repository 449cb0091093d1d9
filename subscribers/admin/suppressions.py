"""Addresses and domains that get no mail. Addresses are not stored, so one is looked up by typing it."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from subscribers import patterns, readable
from subscribers.addresses import AddressRefused, domain_of, fingerprint, normalise
from subscribers.consent import flows
from subscribers.forms import SuppressForm, SuppressionFileForm
from subscribers.models import Suppression
from subscribers.transfer import suppressions, wording
from subscribers.transfer.faults import FileRefused

from .direction import code, isolated
from .keyset import KeysetAdmin

MOST_COUNTED = 50_000
LIST = "admin:subscribers_suppression_changelist"


@admin.register(Suppression)
class SuppressionAdmin(KeysetAdmin):
    list_display: ClassVar = ["whom", "state", "scope", "remark", "created_at", "expires_at"]
    list_filter: ClassVar = [("reason", ChoicesDropdownFilter), ("mailing_list", RelatedDropdownFilter)]
    list_filter_submit = True
    list_select_related: ClassVar = ["mailing_list"]
    list_before_template = "admin/subscribers/suppression/reasons.html"
    search_fields: ClassVar = ["fingerprint"]
    search_help_text = gettext_lazy("Is an address suppressed? Type all of it. Or type a domain.")
    compressed_fields = False
    fields: ClassVar = ["whom", "reason", "mailing_list", "created_at", "note", "expires_at"]
    readonly_fields: ClassVar = ["whom", "reason", "mailing_list", "created_at"]

    class Media:
        css: ClassVar = {"all": ["staff/people.css"]}

    def get_urls(self) -> list[URLPattern]:
        own = self.admin_site.admin_view
        return [
            path("upload", own(self.upload_view), name="subscribers_suppression_upload"),
            path("download", own(self.download_view), name="subscribers_suppression_download"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("fingerprint or domain"))
    def whom(self, row: Suppression) -> str:
        return code(readable.domain(row.domain) or f"{row.fingerprint[:24]}…")

    @display(
        description=gettext_lazy("reason"),
        label={"left": "info", "bounced": "warning", "complained": "danger", "manual": "default", "erased": "default"},
    )
    def state(self, row: Suppression) -> tuple[str, str]:
        return row.reason, row.get_reason_display()

    @display(description=gettext_lazy("holds for"))
    def scope(self, row: Suppression) -> str:
        return isolated(row.mailing_list.name) if row.mailing_list else _("all mail")

    @display(description=gettext_lazy("note"))
    def remark(self, row: Suppression) -> str:
        return isolated(row.note) if row.note else "–"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Suppression], search_term: str
    ) -> tuple[QuerySet[Suppression], bool]:
        """An address is hashed before anybody searches for it."""
        if not search_term:
            return queryset, False
        try:
            address = normalise(search_term)
        except AddressRefused:
            written = search_term.rstrip("…")
            meant = Q(domain__endswith=readable.stored(written))
            return queryset.filter(Q(fingerprint__startswith=written) | meant), False
        meant = Q(fingerprint=fingerprint(address)) | Q(domain__in=patterns.matching(domain_of(address)))
        return queryset.filter(meant), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {"reasons": by_reason(), **(extra_context or {})})

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = SuppressForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            self.suppress(request, form)
            return HttpResponseRedirect(reverse(LIST))
        return self._form_page(request, "add", {"title": _("Suppress addresses"), "form": form})

    def suppress(self, request: HttpRequest, form: SuppressForm) -> None:
        chosen = form.cleaned_data
        addresses, domains = chosen["addresses"]
        new = flows.suppress(
            addresses,
            chosen["reason"],
            note=chosen["note"],
            domains=domains,
            mailing_list=chosen["mailing_list"],
            expires_at=chosen["expires_on"],
        )
        self._tell(request, new, len(addresses) + len(domains) - new)

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        is_posted = request.method == "POST"
        form = SuppressionFileForm(request.POST, request.FILES) if is_posted else SuppressionFileForm()
        context: dict[str, Any] = {"title": _("Import suppressions"), "form": form}
        if is_posted and form.is_valid():
            try:
                report = take_in(form)
            except FileRefused as refusal:
                form.add_error("file", wording.explain(refusal))
            else:
                self._tell(request, report.new, report.known)
                self._log(request, ADDITION, _("Imported %(number)d suppressions.") % {"number": report.new})
                if not report.wrong:
                    return HttpResponseRedirect(reverse(LIST))
                context["report"] = report
        return self._form_page(request, "upload", context)

    def download_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        may = self.has_view_permission(request) and request.user.has_perm("subscribers.export_subscriber")
        if not may:
            raise PermissionDenied
        try:
            shown = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(reverse(LIST))
        if request.method != "POST":
            context = {"title": _("Export suppressions"), "number": shown.total if shown.params else None}
            return self._form_page(request, "download", context)
        rows = shown.get_queryset(request)
        self._log(request, CHANGE, _("Exported suppressions."))
        if request.POST.get("format") == "xlsx":
            file = TemporaryFile()  # noqa: SIM115 - the answer closes it.
            suppressions.as_workbook(rows, file)
            file.seek(0)
            return FileResponse(file, as_attachment=True, filename="suppressions.xlsx")
        headers = {"Content-Disposition": 'attachment; filename="suppressions.csv"'}
        lines = suppressions.as_csv(rows)
        return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)

    def _form_page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts}
        return render(request, f"admin/subscribers/suppression/{name}.html", frame | context)

    def _tell(self, request: HttpRequest, new: int, known: int) -> None:
        if new:
            text = ngettext("%(number)d entry is new: no more mail.", "%(number)d entries are new: no more mail.", new)
            messages.success(request, text % {"number": new})
        if known:
            text = ngettext("%(number)d was suppressed already.", "%(number)d were suppressed already.", known)
            messages.info(request, text % {"number": known})

    def _log(self, request: HttpRequest, flag: int, message: str) -> None:
        kind = ContentType.objects.get_for_model(Suppression)
        LogEntry.objects.create(
            user_id=str(request.user.pk), content_type=kind, object_repr="", action_flag=flag, change_message=message
        )


def by_reason() -> list[tuple[str, int]]:
    """The most frequent first; nothing if there are so many that one would wait for it."""
    rows = Suppression.objects.order_by()
    if rows.values("pk")[: MOST_COUNTED + 1].count() > MOST_COUNTED:
        return []
    labels = dict(Suppression.Reason.choices)
    numbers = rows.values_list("reason").annotate(number=Count("pk"))
    return sorted(((str(labels.get(reason, reason)), number) for reason, number in numbers), key=lambda one: -one[1])


def take_in(form: SuppressionFileForm) -> suppressions.Report:
    """Raises FileRefused. The file is gone as soon as it is read."""
    uploaded = form.cleaned_data["file"]
    with NamedTemporaryFile(suffix=Path(uploaded.name).suffix[:6]) as kept:
        for chunk in uploaded.chunks():
            kept.write(chunk)
        kept.flush()
        return suppressions.take_in(Path(kept.name), uploaded.name, reason=form.cleaned_data["reason"])
