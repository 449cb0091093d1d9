"""Sending a campaign from the admin: the verbs and the pages around them."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from campaigns.admin.verbs import CANCEL, PAUSE, RESUME, UNSCHEDULE, Verb
from campaigns.models import Campaign


class SendingViews(ModelAdmin):
    """Adds to a campaign's admin the addresses and the panel of sending."""

    def get_urls(self) -> list[URLPattern]:
        own = [self.own_path(verb.name, partial(self.verb_view, verb)) for verb in (UNSCHEDULE, PAUSE, RESUME, CANCEL)]
        return [*own, *super().get_urls()]

    def own_path(self, name: str, view: Any) -> URLPattern:
        return path(
            f"<int:object_id>/{name}",
            self.admin_site.admin_view(view),
            name=f"campaigns_campaign_{name}",
        )

    def sending_context(self, request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
        """What templates/admin/campaigns/sending/panel.html needs; include it outside of the page's own form."""
        may_send = request.user.has_perm("campaigns.send_campaign")
        possible = [verb for verb in (RESUME, PAUSE, UNSCHEDULE) if verb.is_possible(campaign)]
        return {
            "campaign": campaign,
            "may_send": may_send,
            "verbs": [(verb, self.address(verb.name, campaign)) for verb in possible if may_send],
        }

    def verb_view(self, verb: Verb, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        campaign = self.campaign_to_send(request, object_id)
        if verb.act(campaign, request):
            self.log_change(request, campaign, str(verb.label))
            messages.success(request, verb.done % {"name": campaign.name})
        else:
            self.tell_who_was_faster(request, campaign)
        return HttpResponseRedirect(self.address("change", campaign))

    def campaign_to_send(self, request: HttpRequest, object_id: int) -> Campaign:
        if not request.user.has_perm("campaigns.send_campaign"):
            raise PermissionDenied
        campaign: Campaign = get_object_or_404(self.get_queryset(request), pk=object_id)
        return campaign

    def tell_who_was_faster(self, request: HttpRequest, campaign: Campaign) -> None:
        campaign.refresh_from_db()
        words = {"name": campaign.name, "status": campaign.get_status_display()}
        messages.warning(request, _("Somebody was faster. “%(name)s” is now: %(status)s.") % words)

    @staticmethod
    def address(name: str, campaign: Campaign) -> str:
        return reverse(f"admin:campaigns_campaign_{name}", args=[campaign.pk])
