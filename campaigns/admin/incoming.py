"""Whether the mail that comes in is read, and what came."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from campaigns.models import Inbox
from campaigns.models.inbox import PIPE
from subscribers.admin.direction import isolated
from subscribers.admin.unchangeable import Unchangeable


@admin.register(Inbox)
class InboxAdmin(Unchangeable):
    list_display = ("title", "state", "read_at", "unsubscribed", "bounced", "complained", "why")
    fields: ClassVar = [
        "title",
        "state",
        "read_at",
        "failing_since",
        "why",
        ("unsubscribed", "bounced", "complained", "ignored"),
    ]
    readonly_fields: ClassVar = [
        "title",
        "state",
        "read_at",
        "failing_since",
        "why",
        "unsubscribed",
        "bounced",
        "complained",
        "ignored",
    ]
    actions = None
    list_before_template = "admin/campaigns/inbox/hint.html"

    @display(description=_("mailbox"), ordering="name")
    def title(self, inbox: Inbox) -> str:
        return str(_("handed over by a mail server")) if inbox.name == PIPE else isolated(inbox.name)

    @display(description=_("state"), label={"failing": "danger", "read": "success", "new": "info"})
    def state(self, inbox: Inbox) -> tuple[str, str]:
        if inbox.failing_since:
            return "failing", str(_("cannot be read"))
        return ("read", str(_("is read"))) if inbox.read_at else ("new", str(_("not read yet")))

    @display(description=_("reason"), empty_value="–")
    def why(self, inbox: Inbox) -> str | None:
        """In its own direction, because it is in the language of a server."""
        return isolated(inbox.failure) if inbox.failure else None
