"""Lists: what one can subscribe to, and how many do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, NamedTuple

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import BooleanRadioFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from subscribers.models import MailingList, Subscription

from . import translated

GROWTH_DAYS = 30
EXPIRING_DAYS = 30


class ListForm(translated.TranslatedForm):
    columns = ("names",)

    class Meta:
        model = MailingList
        fields = (
            "name",
            "label",
            "description",
            "is_public",
            "opt_in",
            "brand",
            "tracking",
            "has_archive",
            "has_digest",
            "needs_proof_of_work",
        )
        widgets: ClassVar = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 3, "dir": "auto"})}


class Figures(NamedTuple):
    active: int
    pending: int
    ended: int
    recently_joined: int
    recently_left: int


NOBODY = Figures(0, 0, 0, 0, 0)


def people_on_lists() -> dict[int, Figures]:
    status = Subscription.Status
    since = timezone.now() - timedelta(days=GROWTH_DAYS)
    counts = (
        Subscription.objects.order_by()
        .values_list("mailing_list")
        .annotate(
            active=Count("pk", filter=Q(status=status.ACTIVE)),
            pending=Count("pk", filter=Q(status=status.PENDING)),
            ended=Count("pk", filter=Q(status=status.ENDED)),
            recently_joined=Count("pk", filter=Q(created_at__gte=since) & ~Q(status=status.PENDING)),
            recently_left=Count("pk", filter=Q(ended_at__gte=since)),
        )
    )
    return {number: Figures(*figures) for number, *figures in counts}


def grouped(number: int) -> str:
    return number_format(number, force_grouping=True)


@admin.register(MailingList)
class MailingListAdmin(ModelAdmin):
    form = type("TranslatedListForm", (ListForm,), dict(translated.inputs("names")))
    list_display: ClassVar = ["title", "visibility", "opt_in", "active", "pending", "left", "growth"]
    list_filter: ClassVar = [("is_public", BooleanRadioFilter)]
    search_fields: ClassVar = ["name", "label"]
    search_help_text = gettext_lazy("Search by name or label")
    prepopulated_fields: ClassVar = {"label": ["name"]}
    compressed_fields = False

    class Media:
        css: ClassVar = {"all": ["staff/people.css"]}

    warn_unsaved_form = True
    fieldsets: ClassVar = [
        (None, {"fields": ["name", "label", "description", ("is_public", "opt_in")]}),
        (
            gettext_lazy("Readers"),
            {"fields": [("brand", "tracking"), ("has_archive", "has_digest"), "needs_proof_of_work"]},
        ),
        (
            gettext_lazy("Translated names"),
            {
                "fields": translated.rows("names"),
                "description": gettext_lazy("What readers see. Where a language is empty, they see the name above."),
            },
        ),
    ]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """All figures come from one pass over the subscriptions, whatever number of lists there are."""
        shown = super().get_changelist_instance(request)
        figures = people_on_lists()
        for row in shown.result_list:
            row.figures = figures.get(row.pk, NOBODY)
        return shown

    change_form_outer_before_template = "admin/subscribers/list/expiring.html"

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        expiring = Subscription.objects.expiring(timedelta(days=EXPIRING_DAYS))
        number = expiring.filter(mailing_list=int(object_id)).count() if object_id.isdecimal() else 0
        extra = {"expiring": number, "expiring_days": EXPIRING_DAYS, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, extra)

    def has_delete_permission(self, request: HttpRequest, obj: MailingList | None = None) -> bool:
        """Only for a list that nobody was ever on: the others know who left, and nobody may forget that."""
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or not obj.subscriptions.exists())

    @display(description=gettext_lazy("list"), header=True, ordering="name")
    def title(self, row: MailingList) -> list[str]:
        return [row.name, row.label]

    @display(description=gettext_lazy("visibility"), label={"public": "success", "private": "default"})
    def visibility(self, row: MailingList) -> tuple[str, str]:
        return ("public", _("public")) if row.is_public else ("private", _("private"))

    @display(description=gettext_lazy("active"))
    def active(self, row: Any) -> SafeString:
        return self._people(row, Subscription.Status.ACTIVE, row.figures.active)

    @display(description=gettext_lazy("unconfirmed"))
    def pending(self, row: Any) -> SafeString:
        return self._people(row, Subscription.Status.PENDING, row.figures.pending)

    @display(description=gettext_lazy("left"))
    def left(self, row: Any) -> SafeString:
        return self._people(row, Subscription.Status.ENDED, row.figures.ended)

    @display(description=gettext_lazy("last 30 days"))
    def growth(self, row: Any) -> SafeString:
        return format_html(
            '<bdi class="people-growth" dir="ltr"><span>+{}</span> <span>−{}</span></bdi>',
            grouped(row.figures.recently_joined),
            grouped(row.figures.recently_left),
        )

    @staticmethod
    def _people(row: MailingList, status: str, number: int) -> SafeString:
        address = reverse("admin:subscribers_subscriber_changelist", query={"list": row.pk, "on": status})
        return format_html('<a class="people-number" href="{}">{}</a>', address, grouped(number))
