"""Switching a welcome mail on: what stands in the way, what it will do, and are you sure."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.translation import gettext as _

from campaigns import preflight
from campaigns.admin.campaign_pages import CampaignPages
from campaigns.admin.schedule import version_of
from campaigns.composition.compile import CompositionError
from campaigns.delivery import welcome
from campaigns.models import Campaign

Status = Campaign.Status


def state_of(campaign: Campaign) -> str:
    """A welcome mail is on or off, where others are on their way or over."""
    if campaign.is_welcome and campaign.status == Status.SENDING:
        return _("welcome mail, on")
    if campaign.is_welcome and campaign.status == Status.CANCELLED:
        return _("welcome mail, off")
    return campaign.get_status_display()


class WelcomeViews(CampaignPages):
    def get_urls(self) -> list[URLPattern]:
        return [self.own_path("welcome", self.welcome_view), *super().get_urls()]

    def welcome_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        campaign = self.campaign_to_send(request, object_id)
        if not campaign.is_welcome:
            return HttpResponseRedirect(self.address("change", campaign))
        if not campaign.is_editable:
            if request.method == "POST":
                self.tell_who_was_faster(request, campaign)
            return HttpResponseRedirect(self.address("progress", campaign))
        issues, version = preflight.check(campaign), version_of(campaign)
        is_ready = not preflight.has_errors(issues)
        if request.method == "POST" and is_ready and request.POST.get("version") == version:
            return self.switch_on(request, campaign)
        context: dict[str, Any] = {"issues": issues, "version": version, "is_ready": is_ready}
        context["was_edited"] = request.method == "POST" and is_ready
        context["other"] = Campaign.objects.welcoming().filter(welcomes=campaign.welcomes_id).first()
        return self.page(request, "welcome", campaign, context | {"title": _("Switch on")})

    def switch_on(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        words = {"name": campaign.name, "list": campaign.welcomes}
        try:
            is_on = welcome.switch_on(campaign)
        except CompositionError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.address("welcome", campaign))
        if is_on:
            self.log_change(request, campaign, str(_("Switched on.")))
            messages.success(request, _("“%(name)s” is on: whoever joins “%(list)s” gets it.") % words)
        else:
            self.tell_who_was_faster(request, campaign)
        return HttpResponseRedirect(self.address("progress", campaign))
