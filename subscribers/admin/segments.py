"""Segments: who belongs together by what is known about them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from subscribers import tasks
from subscribers.models import Segment
from subscribers.segments.uses import uses
from subscribers.segments.wording import in_words

from .segment_pages import SegmentPages

LONGEST_WORDS = 160
MOST_USES = 3


@admin.register(Segment)
class SegmentAdmin(SegmentPages):
    list_display: ClassVar = ["title", "number", "counted", "used"]
    search_fields: ClassVar = ["name", "description"]
    search_help_text = gettext_lazy("Search by name or description")
    actions: ClassVar = ["count_again"]
    list_per_page = 50

    class Media:
        css: ClassVar = {"all": ["staff/people.css"]}

    @display(description=gettext_lazy("segment"), header=True, ordering="name")
    def title(self, row: Segment) -> list[str]:
        return [row.name, Truncator(in_words(row.rules)).chars(LONGEST_WORDS)]

    @display(description=gettext_lazy("people"), ordering="people")
    def number(self, row: Segment) -> str | SafeString:
        if row.people is None:
            return "–"
        address = reverse("admin:subscribers_subscriber_changelist", query={"segment": row.pk})
        shown = number_format(row.people, force_grouping=True)
        return format_html('<a class="people-number" href="{}">{}</a>', address, shown)

    @display(description=gettext_lazy("counted"), ordering="counted_at")
    def counted(self, row: Segment) -> Any:
        return row.counted_at

    @display(description=gettext_lazy("used by"))
    def used(self, row: Segment) -> str | SafeString:
        found = uses([row.pk])[row.pk]
        links = format_html_join(
            _(", "), '<a class="people-number" href="{}">{}</a>', [(use.address, use.name) for use in found[:MOST_USES]]
        )
        # One box: on narrow screens, each part would be set apart.
        return format_html("<span>{}{}</span>", links, "…" if len(found) > MOST_USES else "") if links else "–"

    @admin.action(description=gettext_lazy("Count again"), permissions=["change"])
    def count_again(self, request: HttpRequest, queryset: QuerySet[Segment]) -> None:
        for segment in queryset:
            tasks.count_soon(segment.pk)
        messages.info(request, _("They are being counted."))

    def has_delete_permission(self, request: HttpRequest, obj: Segment | None = None) -> bool:
        """Not while something goes by it: without the segment, it would go to others."""
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or not any(use.is_binding for use in uses([obj.pk])[obj.pk]))
