"""The languages of a campaign, one form each on its page."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest
from unfold.admin import StackedInline

from campaigns.forms import ContentForm
from campaigns.models import Campaign, Content


class ContentInline(StackedInline):
    """Has no permissions of its own: whoever may edit a campaign may write all of it, while it is a draft."""

    model = Content
    form = ContentForm
    template = "admin/campaigns/content/tabs.html"

    class Media:
        css: ClassVar = {"all": ["staff/contents.css"]}
        js: ClassVar = ["staff/contents.js"]

    def get_extra(self, request: HttpRequest, obj: Campaign | None = None, **kwargs: Any) -> int:
        """A new campaign begins with a page to write on; ``?language=fr`` adds one without JavaScript."""
        return 1 if obj is None or request.GET.get("language") else 0

    def has_view_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return request.user.has_perm("campaigns.view_campaign") or request.user.has_perm("campaigns.change_campaign")

    def has_add_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return self.may_write(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return self.may_write(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return self.may_write(request, obj)

    def may_write(self, request: HttpRequest, obj: Campaign | None) -> bool:
        if obj is None:
            return request.user.has_perm("campaigns.add_campaign")
        return obj.is_editable and request.user.has_perm("campaigns.change_campaign")
