"""What is kept for how long; each rule tells what it would remove before it is in force."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import display

from subscribers import retention
from subscribers.models import RetentionRule


@admin.register(RetentionRule)
class RetentionRuleAdmin(ModelAdmin):
    list_display: ClassVar = ["kind", "days", "is_active", "would_remove", "ran_at", "removed"]
    list_editable: ClassVar = ["days", "is_active"]
    fields: ClassVar = ["kind", "days", "is_active", "would_remove", "ran_at", "removed"]
    readonly_fields: ClassVar = ["kind", "would_remove", "ran_at", "removed"]
    compressed_fields = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RetentionRule | None = None) -> bool:
        return False

    @display(description=gettext_lazy("would remove now"))
    def would_remove(self, rule: RetentionRule) -> str:
        found = retention.would_remove(rule)
        number = number_format(found, force_grouping=True)
        return _("%(number)s or more") % {"number": number} if found >= retention.MOST_COUNTED else number
