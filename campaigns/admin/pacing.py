"""The limits of a campaign that is under way: the only thing about it that staff may still change."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.translation import gettext as _

from campaigns.admin import limits
from campaigns.admin.campaign_pages import CampaignPages
from campaigns.models import Campaign
from campaigns.tasks import nudge


def may_pace(campaign: Campaign) -> bool:
    return campaign.status in {Campaign.Status.SENDING, Campaign.Status.PAUSED}


class PaceForm(limits.LimitsForm):
    class Meta:
        model = Campaign
        fields: ClassVar = list(limits.FIELDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in limits.NUMBERS:
            self.fields[name].widget = forms.NumberInput(attrs={"min": 1, "inputmode": "numeric"})


class PacingViews(CampaignPages):
    def get_urls(self) -> list[URLPattern]:
        return [self.own_path("pace", self.pace_view), *super().get_urls()]

    def pace_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        campaign = self.campaign_to_send(request, object_id)
        form = PaceForm(request.POST or None, instance=campaign)
        if may_pace(campaign) and not form.is_valid():
            return self.page(request, "pace", campaign, {"form": form, "title": _("Limits")})
        if may_pace(campaign) and campaign.pace(form.cleaned_data):
            # More may leave now.
            nudge()
            self.log_change(request, campaign, str(_("Limits: %(limits)s.") % {"limits": said(campaign)}))
            messages.success(request, _("“%(name)s” has these limits now: %(limits)s.") % words(campaign))
        else:
            self.tell_who_was_faster(request, campaign)
        return HttpResponseRedirect(self.address("progress", campaign))


def words(campaign: Campaign) -> dict[str, str]:
    return {"name": campaign.name, "limits": said(campaign)}


def said(campaign: Campaign) -> str:
    return limits.in_words(campaign) or _("none")
