"""Brands: name, colours, logo and words, with the pages of readers beside them."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.fields.files import FieldFile
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from subscribers.models import Brand

from . import brand_preview
from .brand_forms import PLACES, BrandForm, Spot, words_fields
from .translated import languages


@admin.register(Brand)
class BrandAdmin(ModelAdmin):
    form = type("BrandFormOfAllLanguages", (BrandForm,), words_fields())
    list_display: ClassVar = ["name", "colours", "used"]
    search_fields: ClassVar = ["name"]
    compressed_fields = False
    warn_unsaved_form = True
    change_form_after_template = "admin/subscribers/brand/preview.html"
    fieldsets: ClassVar = [
        (None, {"fields": ["name", ("accent", "paper"), "logo", "without_logo"]}),
        *(
            # Closed ones open by keyboard and without scripts, which the theme's tabs do not.
            (name, {"classes": ["collapse"] if code else [], "fields": [Spot(place, code).field for place in PLACES]})
            for code, name in languages()
        ),
    ]

    class Media:
        css: ClassVar = {"all": ["staff/composing.css", "staff/preview.css", "staff/brand.css"]}
        js: ClassVar = ["staff/brand.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Brand]:
        brands: QuerySet[Brand] = super().get_queryset(request)
        return brands.annotate(lists_number=Count("mailing_lists"))

    def get_fieldsets(self, request: HttpRequest, obj: Brand | None = None) -> Any:
        """Only a logo that is there can be removed."""
        sets = super().get_fieldsets(request, obj)
        if obj and obj.logo:
            return sets
        (title, first), *others = sets
        return [(title, {**first, "fields": [name for name in first["fields"] if name != "without_logo"]}), *others]

    @display(description=_("lists"), ordering="lists_number")
    def used(self, brand: Any) -> int:
        number: int = brand.lists_number
        return number

    @display(description=_("colours"))
    def colours(self, brand: Brand) -> SafeString:
        swatch = '<span class="brand-swatch" style="background: {}" title="{}"></span>'
        return format_html(swatch * 2, brand.accent, brand.accent, brand.paper, brand.paper)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.try_view)
        return [path("try", view, name="subscribers_brand_try"), *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        extra = {"pages": brand_preview.PAGES, "languages": settings.LANGUAGES, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, extra)

    def try_view(self, request: HttpRequest) -> HttpResponse:
        """The saved brand, or what is in the form: posted because it is long, and changes nothing."""
        if not (self.has_view_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        said = request.POST or request.GET
        brand, logo, refused = self._saved(said.get("brand", "")), b"", list[str]()
        if request.method == "POST":
            form = self.form(request.POST, request.FILES, instance=brand)
            # What was refused stays as it was, with a word.
            refused = [message for field in ("accent", "paper", "logo") for message in form.errors.get(field, [])]
            brand, logo = form.apply(), self._chosen_logo(form.cleaned_data, brand)
        return brand_preview.framed(
            brand,
            brand_preview.Choice.of(said),
            notes=[*refused, *brand_preview.remarks(brand)],
            logo=logo,
        )

    def _saved(self, number: str) -> Brand:
        found = Brand.objects.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 10 else None
        return found or Brand()

    @staticmethod
    def _chosen_logo(chosen: dict[str, Any], brand: Brand) -> bytes:
        if chosen.get("without_logo"):
            brand.logo = ""
        content: bytes = chosen["logo"].read() if chosen.get("logo") else b""
        return content

    def save_model(self, request: HttpRequest, obj: Brand, form: Any, change: bool) -> None:
        """A logo that was replaced goes, once it is certain that it was."""
        before = Brand.objects.filter(pk=obj.pk).first() if change else None
        super().save_model(request, obj, form, change)
        if before and before.logo.name != obj.logo.name:
            forget(before.logo)

    def delete_model(self, request: HttpRequest, obj: Brand) -> None:
        forget(obj.logo)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Brand]) -> None:
        for brand in queryset:
            self.delete_model(request, brand)


def forget(logo: FieldFile) -> None:
    if logo.name:
        transaction.on_commit(partial(logo.storage.delete, logo.name))
