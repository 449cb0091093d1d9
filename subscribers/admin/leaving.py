"""Why readers leave, as they may choose from: in the order in which they see it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.db.models import ManyToOneRel
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from subscribers.models import LeavingReason

from . import translated


class ReasonForm(translated.TranslatedForm):
    class Meta:
        model = LeavingReason
        fields = ("words", "position", "is_active")
        widgets: ClassVar = {"words": UnfoldAdminTextInputWidget(attrs={"dir": "auto"})}


@admin.register(LeavingReason)
class LeavingReasonAdmin(ModelAdmin):
    form = type("TranslatedReasonForm", (ReasonForm,), dict(translated.inputs()))
    list_display: ClassVar = ["words", "position", "is_active"]
    list_editable: ClassVar = ["position", "is_active"]
    search_fields: ClassVar = ["words"]
    search_help_text = gettext_lazy("Search by its words")
    compressed_fields = False
    actions: ClassVar = None
    warn_unsaved_form = True
    fieldsets: ClassVar = [
        (None, {"fields": ["words", ("position", "is_active")]}),
        (
            gettext_lazy("Translations"),
            {
                "fields": translated.rows(),
                "description": gettext_lazy("Where a language is empty, readers see the words above."),
            },
        ),
    ]

    class Media:
        css: ClassVar = {"all": ["staff/people.css"]}

    def has_delete_permission(self, request: HttpRequest, obj: LeavingReason | None = None) -> bool:
        """Only of one that nobody gave: of the others, reports tell."""
        may = bool(super().has_delete_permission(request, obj))
        return may and (obj is None or not _is_given(obj))


def _is_given(reason: LeavingReason) -> bool:
    """Whoever knows of mails refers to it, and nothing here knows of them."""
    relations = (each for each in reason._meta.get_fields(include_hidden=True) if isinstance(each, ManyToOneRel))
    return any(
        each.related_model._base_manager.filter(**{each.field.name: reason}).exists()
        for each in relations
        if not isinstance(each.related_model, str)
    )
