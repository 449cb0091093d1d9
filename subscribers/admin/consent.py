"""The ledger of consent: who agreed to what, when and how. Nobody can change it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from subscribers.addresses import AddressRefused, normalise
from subscribers.models import ConsentRecord

from .direction import isolated
from .keyset import KeysetAdmin
from .unchangeable import Unchangeable


@admin.register(ConsentRecord)
class ConsentRecordAdmin(Unchangeable, KeysetAdmin):
    list_display: ClassVar = ["recorded_at", "person", "state", "scope", "source", "wording"]
    list_filter: ClassVar = [
        ("action", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
        ("basis", ChoicesDropdownFilter),
        ("mailing_list", RelatedDropdownFilter),
    ]
    list_filter_submit = True
    list_select_related: ClassVar = ["subscriber", "mailing_list"]
    search_fields: ClassVar = ["subscriber__email"]
    search_help_text = gettext_lazy("Search by a whole address")
    compressed_fields = False
    fields: ClassVar = [
        "recorded_at", "person", "action", "scope", "source", "full_wording", "language", "network_address",
        "basis", "expires_at", "found_in",
    ]  # fmt: skip
    readonly_fields: ClassVar = fields

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ConsentRecord], search_term: str
    ) -> tuple[QuerySet[ConsentRecord], bool]:
        if not search_term:
            return queryset, False
        try:
            return queryset.filter(subscriber__email=normalise(search_term)), False
        except AddressRefused:
            return queryset.none(), False

    @display(description=gettext_lazy("person"))
    def person(self, row: ConsentRecord) -> Any:
        return str(row.subscriber) if row.subscriber else _("nobody any more")

    @display(
        description=gettext_lazy("what"),
        label={"granted": "success", "tracked": "success", "withdrawn": "default", "untracked": "default"},
    )
    def state(self, row: ConsentRecord) -> tuple[str, str]:
        return row.action, row.get_action_display()

    @display(description=gettext_lazy("list"))
    def scope(self, row: ConsentRecord) -> str:
        return isolated(row.mailing_list.name) if row.mailing_list else _("all mail")

    @display(description=gettext_lazy("wording or stated source"))
    def wording(self, row: ConsentRecord) -> str:
        return isolated(row.statement if len(row.statement) <= 80 else f"{row.statement[:79]}…")

    @display(description=gettext_lazy("wording or stated source"))
    def full_wording(self, row: ConsentRecord) -> str:
        return isolated(row.statement) if row.statement else "–"
