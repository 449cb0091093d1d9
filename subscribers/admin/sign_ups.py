"""Who asked to be put on lists, by which form, and whether they confirmed it. Nobody can change it."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display

from subscribers.addresses import AddressRefused, normalise
from subscribers.consent import answering
from subscribers.models import SignUp

from .direction import code, isolated
from .keyset import KeysetAdmin

Status = SignUp.Status
EXPIRED: Final = "expired"
EARLY: Final = "early"
SHORT: Final = 32


class StateFilter(DropdownFilter):
    """As staff see it: what has expired does not wait."""

    title = gettext_lazy("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        choices = [(value, label) for value, label in Status.choices if value != Status.NEW]
        return [*choices, (EXPIRED, gettext_lazy("expired"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SignUp]) -> QuerySet[SignUp]:
        chosen = self.value()
        if chosen == EXPIRED:
            return queryset & SignUp.objects.expired()
        if chosen == Status.ASKED:
            return queryset & SignUp.objects.waiting()
        return queryset.filter(status=chosen) if chosen else queryset


@admin.register(SignUp)
class SignUpAdmin(KeysetAdmin):
    list_display: ClassVar = ["person", "state", "lists", "way", "short_origin", "created_at"]
    list_filter: ClassVar = [
        StateFilter,
        ("form", RelatedDropdownFilter),
        ("mailing_lists", RelatedDropdownFilter),
    ]
    list_filter_submit = True
    list_select_related: ClassVar = ["form", "found_in"]
    search_fields: ClassVar = ["email"]
    search_help_text = gettext_lazy("Search by a whole address")
    compressed_fields = False
    actions: ClassVar = ["ask_again"]
    fields: ClassVar = [
        "person", "in_words", "lists", "way", "origin", "created_at", "confirmed_at", "first_name", "last_name",
        "language", "time_zone", "attributes", "wording", "network_address",
    ]  # fmt: skip
    readonly_fields: ClassVar = fields

    class Media:
        css: ClassVar = {"all": ["staff/people.css", "staff/sign-ups.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignUp]:
        rows: QuerySet[SignUp] = super().get_queryset(request)
        return rows.prefetch_related("mailing_lists")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SignUp | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SignUp | None = None) -> bool:
        """Of a sign-up there is nothing to change; what the permission allows is to ask again."""
        return obj is None and bool(super().has_change_permission(request, obj))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[SignUp], search_term: str
    ) -> tuple[QuerySet[SignUp], bool]:
        if not search_term:
            return queryset, False
        try:
            return queryset.filter(email=normalise(search_term)), False
        except AddressRefused:
            return queryset.none(), False

    @action(description=gettext_lazy("Send the confirmation again"), permissions=["change"])
    def ask_again(self, request: HttpRequest, queryset: QuerySet[SignUp]) -> None:
        """Within the same limits as for everybody."""
        chosen = list(queryset)
        asked = sum(answering.ask_again(each) for each in chosen if each.status == Status.ASKED)
        if asked:
            text = ngettext("%(number)d mail is on its way.", "%(number)d mails are on their way.", asked)
            messages.success(request, text % {"number": asked})
        if rest := len(chosen) - asked:
            text = ngettext(
                "%(number)d gets none: it does not wait, or the address had its mails of a day.",
                "%(number)d get none: they do not wait, or the addresses had their mails of a day.",
                rest,
            )
            messages.warning(request, text % {"number": rest})

    @display(description=gettext_lazy("address"))
    def person(self, row: SignUp) -> str:
        return code(str(row))

    @display(
        description=gettext_lazy("status"),
        label={
            "asked": "info",
            "new": "info",
            "early": "default",
            "confirmed": "success",
            "expired": "warning",
            "known": "default",
            "ignored": "default",
        },
    )
    def state(self, row: SignUp) -> tuple[str, str]:
        if row.is_expired:
            return EXPIRED, _("expired")
        if row.is_early:
            return EARLY, _("is asked later")
        return row.status, str(Status.ASKED.label) if row.status == Status.NEW else row.get_status_display()

    @display(description=gettext_lazy("status"))
    def in_words(self, row: SignUp) -> str:
        _code, words = self.state(row)
        return words

    @display(description=gettext_lazy("lists"))
    def lists(self, row: SignUp) -> str:
        return isolated(", ".join(each.name for each in row.mailing_lists.all()) or "–")

    @display(description=gettext_lazy("by"))
    def way(self, row: SignUp) -> str:
        return isolated(str(row.form or row.found_in or "–"))

    @display(description=gettext_lazy("came from"))
    def origin(self, row: SignUp) -> str:
        return code(row.referrer) if row.referrer else "–"

    @display(description=gettext_lazy("came from"))
    def short_origin(self, row: SignUp) -> str:
        return code(Truncator(row.referrer).chars(SHORT)) if row.referrer else "–"

    @display(description=gettext_lazy("wording"))
    def wording(self, row: SignUp) -> str:
        return format_html('<bdi class="sign-up-wording">{}</bdi>', row.statement) if row.statement else "–"
