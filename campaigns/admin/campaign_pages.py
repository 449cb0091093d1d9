"""What the pages about one campaign share: who may open them, where they are, and their frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from campaigns.models import Campaign


class CampaignPages(ModelAdmin):
    def own_path(self, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
        """`report_live` is at report/live."""
        place = name.replace("_", "/")
        return path(f"<int:object_id>/{place}", self.admin_site.admin_view(view), name=f"campaigns_campaign_{name}")

    def campaign_to_see(self, request: HttpRequest, object_id: int) -> Campaign:
        campaign: Campaign = get_object_or_404(self.get_queryset(request), pk=object_id)
        if not self.has_view_permission(request, campaign):
            raise PermissionDenied
        return campaign

    def campaign_to_send(self, request: HttpRequest, object_id: int) -> Campaign:
        campaign = self.campaign_to_see(request, object_id)
        if not request.user.has_perm("campaigns.send_campaign"):
            raise PermissionDenied
        return campaign

    def page(
        self, request: HttpRequest, name: str, campaign: Campaign, context: dict[str, Any], folder: str = "sending"
    ) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "original": campaign, "campaign": campaign}
        return render(request, f"admin/campaigns/{folder}/{name}.html", frame | context)

    def tell_who_was_faster(self, request: HttpRequest, campaign: Campaign) -> None:
        campaign.refresh_from_db()
        words = {"name": campaign.name, "status": campaign.state}
        messages.warning(request, _("Somebody was faster. “%(name)s” is now: %(status)s.") % words)

    @staticmethod
    def address(name: str, campaign: Campaign) -> str:
        return reverse(f"admin:campaigns_campaign_{name}", args=[campaign.pk])
