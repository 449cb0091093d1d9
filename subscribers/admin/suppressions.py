"""Addresses that get no mail. They are not stored, so one is looked up by typing it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from subscribers.addresses import AddressRefused, fingerprint, normalise
from subscribers.consent import flows
from subscribers.forms import SuppressForm
from subscribers.models import Suppression


@admin.register(Suppression)
class SuppressionAdmin(ModelAdmin):
    list_display: ClassVar = ["short_fingerprint", "state", "scope", "note", "created_at", "expires_at"]
    list_filter: ClassVar = [("reason", ChoicesDropdownFilter)]
    list_filter_submit = True
    list_select_related: ClassVar = ["mailing_list"]
    search_fields: ClassVar = ["fingerprint"]
    search_help_text = gettext_lazy("Is an address suppressed? Type all of it.")
    show_full_result_count = False
    compressed_fields = False
    fields: ClassVar = ["short_fingerprint", "reason", "mailing_list", "created_at", "note", "expires_at"]
    readonly_fields: ClassVar = ["short_fingerprint", "reason", "mailing_list", "created_at"]

    @display(description=gettext_lazy("fingerprint"))
    def short_fingerprint(self, row: Suppression) -> str:
        return f"{row.fingerprint[:24]}…"

    @display(
        description=gettext_lazy("reason"),
        ordering="reason",
        label={"left": "info", "bounced": "warning", "complained": "danger", "manual": "default", "erased": "default"},
    )
    def state(self, row: Suppression) -> tuple[str, str]:
        return row.reason, row.get_reason_display()

    @display(description=gettext_lazy("holds for"))
    def scope(self, row: Suppression) -> str:
        return row.mailing_list.name if row.mailing_list else _("all mail")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Suppression], search_term: str
    ) -> tuple[QuerySet[Suppression], bool]:
        if not search_term:
            return queryset, False
        try:
            return queryset.filter(fingerprint=fingerprint(normalise(search_term))), False
        except AddressRefused:
            return queryset.filter(fingerprint__startswith=search_term.rstrip("…")), False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = SuppressForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            self.suppress(request, form)
            return HttpResponseRedirect(reverse("admin:subscribers_suppression_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Suppress addresses"),
            "opts": self.opts,
            "form": form,
        }
        return render(request, "admin/subscribers/suppression/add.html", context)

    def suppress(self, request: HttpRequest, form: SuppressForm) -> None:
        chosen = form.cleaned_data
        new = flows.suppress(chosen["addresses"], chosen["reason"], note=chosen["note"])
        known = len(chosen["addresses"]) - new
        if new:
            text = ngettext("%(number)d address gets no more mail.", "%(number)d addresses get no more mail.", new)
            messages.success(request, text % {"number": new})
        if known:
            text = ngettext("%(number)d was suppressed already.", "%(number)d were suppressed already.", known)
            messages.info(request, text % {"number": known})
