"""Scheduling a campaign from the admin: what stands in the way, to whom, when, and are you sure."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import audience, preflight, reports
from campaigns.admin.campaign_pages import CampaignPages
from campaigns.admin.schedule import ScheduleForm, version_of
from campaigns.models import Campaign
from campaigns.tasks import nudge


class SchedulingViews(CampaignPages):
    def get_urls(self) -> list[URLPattern]:
        return [self.own_path("schedule", self.schedule_view), *super().get_urls()]

    def schedule_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        campaign = self.campaign_to_send(request, object_id)
        if request.method != "POST":
            return self.answer(request, campaign)
        with transaction.atomic():
            # Locked, so that what is checked and confirmed here is what is scheduled.
            return self.answer(request, Campaign.objects.select_for_update().get(pk=campaign.pk))

    def answer(self, request: HttpRequest, campaign: Campaign) -> HttpResponse:
        """What stands in the way, else the question whether staff are sure, else it is scheduled."""
        if not campaign.is_editable:
            self.tell_who_was_faster(request, campaign)
            return HttpResponseRedirect(self.address("progress", campaign))
        form = ScheduleForm(request.POST or None)
        heads = audience.head_count(campaign)
        issues = preflight.check(campaign, heads.languages)
        is_ready = bool(heads.mailable) and not preflight.has_errors(issues)
        version = version_of(campaign)
        context = {"form": form, "heads": heads, "issues": issues, "version": version}
        if not is_ready or not form.is_valid():
            return self.page(
                request, "schedule", campaign, context | {"title": _("Send or schedule"), "is_ready": is_ready}
            )
        if form.has_confirmed(heads.mailable, version):
            return self.schedule(request, campaign, form)
        return self.confirmation(request, campaign, context)

    def confirmation(self, request: HttpRequest, campaign: Campaign, context: dict[str, Any]) -> HttpResponse:
        """Asks for the exact number of people; asks again if that or the campaign changed since it was shown."""
        form, people = context["form"], context["heads"].mailable
        shown = form.cleaned_data["version"]
        # Only in memory: the forecast counts from the time that staff are asked about.
        campaign.scheduled_at = form.starts_at
        context |= {
            "title": _("Confirm"),
            "people": people,
            "shown_before": form.cleaned_data["head_count"],
            "starts_at": form.starts_at,
            "done_at": reports.forecast(people, campaign),
            "has_changed": form.cleaned_data["head_count"] not in (None, people),
            "was_edited": bool(shown) and shown != context["version"],
            "languages": context["heads"].languages,
        }
        return self.page(request, "confirm", campaign, context)

    def schedule(self, request: HttpRequest, campaign: Campaign, form: ScheduleForm) -> HttpResponse:
        if campaign.schedule(form.starts_at, time_zone=form.cleaned_data["time_zone"]):
            nudge()
            self.log_change(request, campaign, str(_("Scheduled.")))
            messages.success(request, self.confirmed(campaign, form))
        else:
            self.tell_who_was_faster(request, campaign)
        return HttpResponseRedirect(self.address("progress", campaign))

    def confirmed(self, campaign: Campaign, form: ScheduleForm) -> str:
        number = form.cleaned_data["head_count"]
        if form.is_now:
            said = ngettext(
                "“%(name)s” starts in a few seconds, to %(people)s person. Unschedule it if that was a mistake.",
                "“%(name)s” starts in a few seconds, to %(people)s people. Unschedule it if that was a mistake.",
                number,
            )
        else:
            said = ngettext(
                "“%(name)s” is scheduled for %(people)s person.",
                "“%(name)s” is scheduled for %(people)s people.",
                number,
            )
        return said % {"name": campaign.name, "people": intcomma(number)}
