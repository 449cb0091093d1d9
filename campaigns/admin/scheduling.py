"""Scheduling a campaign from the admin: what stands in the way, to whom, when, and are you sure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import audience, preflight, reports
from campaigns.admin.addressed import addressed
from campaigns.admin.campaign_pages import CampaignPages
from campaigns.admin.schedule import ScheduleForm, version_of
from campaigns.admin.wave_table import Row, wave_table
from campaigns.models import Campaign
from campaigns.tasks import nudge


def done_at(people: int, campaign: Campaign, waves: Sequence[Row]) -> datetime | None:
    """When so many will have got it as far as limits allow, and not before the last of their waves."""
    foretold = reports.forecast(people, campaign)
    ends = list(accumulate(wave.people for wave in waves))
    theirs = [wave.at for wave, end in zip(waves, ends, strict=True) if end - wave.people < people]
    return max([foretold, *theirs]) if foretold else None


class SchedulingViews(CampaignPages):
    def get_urls(self) -> list[URLPattern]:
        return [self.own_path("schedule", self.schedule_view), *super().get_urls()]

    def schedule_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        campaign = self.campaign_to_send(request, object_id)
        if campaign.is_welcome:
            return HttpResponseRedirect(self.address("welcome", campaign))
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
        heads = audience.head_count(campaign)
        form = ScheduleForm(request.POST or None, people=heads.mailable)
        issues = preflight.check(campaign, heads.languages)
        is_ready = bool(heads.mailable) and not preflight.has_errors(issues)
        version = version_of(campaign)
        undo = timedelta(seconds=settings.UNDO_SECONDS)
        context = {"form": form, "heads": heads, "issues": issues, "version": version, "undo": undo}
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
        campaign.time_zone, campaign.in_local_time = form.choices["time_zone"], form.choices["in_local_time"]
        waves = wave_table(campaign)
        canary = form.choices["canary"]
        starts_at = max(waves[0].at, timezone.now()) if waves else form.starts_at
        others_take = reports.takes(people - canary, campaign) if canary else None
        context |= {
            "waves": waves,
            "canary": canary,
            "title": _("Confirm"),
            "people": people,
            "shown_before": form.cleaned_data["head_count"],
            "starts_at": starts_at,
            "done_at": done_at(canary or people, campaign, waves),
            # They begin whenever somebody lets them.
            "others_end": starts_at + others_take if others_take else None,
            "has_changed": form.cleaned_data["head_count"] not in (None, people),
            "was_edited": bool(shown) and shown != context["version"],
            "languages": context["heads"].languages,
            "addressed": addressed(campaign),
        }
        return self.page(request, "confirm", campaign, context)

    def schedule(self, request: HttpRequest, campaign: Campaign, form: ScheduleForm) -> HttpResponse:
        if campaign.schedule(form.starts_at, **form.choices):
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
                "“%(name)s” is about to start, to %(people)s person. You can stop it until the first mail leaves.",
                "“%(name)s” is about to start, to %(people)s people. You can stop it until the first mail leaves.",
                number,
            )
        else:
            said = ngettext(
                "“%(name)s” is scheduled for %(people)s person.",
                "“%(name)s” is scheduled for %(people)s people.",
                number,
            )
        return said % {"name": campaign.name, "people": intcomma(number)}
