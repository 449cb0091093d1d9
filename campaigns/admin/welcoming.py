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
        was_edited = False
        if request.method == "POST" and not preflight.has_errors(preflight.check(campaign)):
            try:
                return self.switch_on(request, campaign, request.POST.get("version", ""))
            except welcome.Edited:
                was_edited = True
                campaign.refresh_from_db()
        return self.look_at_it(request, campaign, was_edited=was_edited)

    def look_at_it(self, request: HttpRequest, campaign: Campaign, *, was_edited: bool) -> HttpResponse:
        # Before anything else is read: what is edited meanwhile is then not what was seen.
        context: dict[str, Any] = {"version": version_of(campaign), "was_edited": was_edited}
        context["issues"] = preflight.check(campaign)
        context["is_ready"] = not preflight.has_errors(context["issues"])
        context["other"] = Campaign.objects.welcoming().filter(welcomes=campaign.welcomes_id).first()
        return self.page(request, "welcome", campaign, context | {"title": _("Switch on")})

    def switch_on(self, request: HttpRequest, campaign: Campaign, seen: str) -> HttpResponse:
        words = {"name": campaign.name, "list": campaign.welcomes}
        try:
            is_on = welcome.switch_on(campaign, is_as_seen=lambda frozen: version_of(frozen) == seen)
        except CompositionError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.address("welcome", campaign))
        if is_on:
            self.log_change(request, campaign, str(_("Switched on.")))
            messages.success(request, _("“%(name)s” is on: whoever joins “%(list)s” gets it.") % words)
        else:
            self.tell_who_was_faster(request, campaign)
        return HttpResponseRedirect(self.address("progress", campaign))
