"""Who mails are from."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from campaigns.admin.confirmed import is_confirmed
from campaigns.forms import SenderForm
from campaigns.models import Sender


@admin.register(Sender)
class SenderAdmin(ModelAdmin):
    form = SenderForm
    list_display: ClassVar = ["name", "email", "reply_to"]
    search_fields: ClassVar = ["name", "email"]
    compressed_fields = False
    warn_unsaved_form = True
    fieldsets: ClassVar = [
        (None, {"fields": [("name", "email"), ("reply_to", "unsubscribe_mailbox"), "postal_address"]})
    ]

    def has_change_permission(self, request: HttpRequest, obj: Sender | None = None) -> bool:
        return not is_confirmed(obj) and super().has_change_permission(request, obj)
