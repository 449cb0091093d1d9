"""The frames around contents, with a preview beside the source."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from campaigns.admin.confirmed import is_confirmed
from campaigns.admin.framed import framed
from campaigns.admin.specimen import specimen
from campaigns.composition.message import CannotCompose
from campaigns.composition.placeholders import CompositionError
from campaigns.forms import LayoutForm
from campaigns.models import Layout


@admin.register(Layout)
class LayoutAdmin(ModelAdmin):
    """Editing a layout changes nothing of what was sent: campaigns that started hold their own frozen copy.

    Those that are scheduled do not yet, so until they start, or are drafts again, their layout stays as it is.
    """

    form = LayoutForm
    list_display: ClassVar = ["name", "label", "used"]
    search_fields: ClassVar = ["name", "label"]
    prepopulated_fields: ClassVar = {"label": ["name"]}
    compressed_fields = False
    warn_unsaved_form = True
    change_form_after_template = "admin/campaigns/layout/preview.html"

    class Media:
        css: ClassVar = {"all": ["staff/composing.css", "staff/preview.css", "staff/layout.css"]}
        js: ClassVar = ["staff/layout.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Layout]:
        layouts: QuerySet[Layout] = super().get_queryset(request)
        return layouts.annotate(campaigns_number=Count("campaigns"))

    @display(description=_("campaigns"), ordering="campaigns_number")
    def used(self, layout: Any) -> int:
        number: int = layout.campaigns_number
        return number

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.try_view)
        return [path("try", view, name="campaigns_layout_try"), *super().get_urls()]

    def has_change_permission(self, request: HttpRequest, obj: Layout | None = None) -> bool:
        return not is_confirmed(obj) and super().has_change_permission(request, obj)

    def try_view(self, request: HttpRequest) -> HttpResponse:
        """What is in the form, around sample content; posted because it is long, and changes nothing."""
        if not (self.has_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        html = request.POST.get("html", "")
        right_to_left = request.POST.get("direction") == "rtl"
        try:
            return framed(specimen(html, right_to_left=right_to_left), "dark" if "dark" in request.POST else "light")
        except CompositionError as error:
            problems = [str(problem) for problem in error.problems]
        except CannotCompose as error:
            problems = [str(error)]
        response = TemplateResponse(request, "admin/campaigns/unreadable.html", {"problems": problems})
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response
