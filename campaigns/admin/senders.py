"""Who mails are from."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from unfold.admin import ModelAdmin

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
