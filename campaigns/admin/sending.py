"""Sending a campaign from the admin: the panel, the verbs and the page of its progress."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from campaigns import reports
from campaigns.admin.campaign_log import read_log
from campaigns.admin.dashboard import being_sent, watched
from campaigns.admin.doubt import decided
from campaigns.admin.figures import countdown, figures, is_late, reasons, stage
from campaigns.admin.pacing import PacingViews, may_pace
from campaigns.admin.scheduling import SchedulingViews
from campaigns.admin.verbs import CANCEL, PAUSE, RELEASE, RESUME, UNSCHEDULE, Verb
from campaigns.admin.wave_table import wave_table
from campaigns.models import Campaign, Delivery
from campaigns.tasks import nudge

# Those of one press; cancelling asks first.
STRAIGHT = (RELEASE, RESUME, PAUSE, UNSCHEDULE)
# While a campaign has one of these, or waits for those whom it skips after its end, its page looks for news.
LIVE = frozenset({Campaign.Status.SCHEDULED, Campaign.Status.SENDING, Campaign.Status.PAUSED})


class SendingViews(PacingViews, SchedulingViews):
    """Adds to a campaign's admin the addresses and the panel of sending."""

    def get_urls(self) -> list[URLPattern]:
        verbs = [self.own_path(verb.name, partial(self.verb_view, verb)) for verb in STRAIGHT]
        pages = [
            self.own_path("cancel", self.cancel_view),
            self.own_path("progress", self.progress_view),
            self.own_path("live", self.live_view),
            self.own_path("why", self.why_view),
            self.own_path("lines", self.lines_view),
            self.own_path("uncertain", self.uncertain_view),
        ]
        under_way = path(
            "under-way", self.admin_site.admin_view(self.under_way_view), name="campaigns_campaign_under_way"
        )
        return [under_way, *verbs, *pages, *super().get_urls()]

    def sending_context(self, request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
        """What templates/admin/campaigns/sending/panel.html needs; include it outside of the page's own form."""
        may_send = request.user.has_perm("campaigns.send_campaign")
        return {
            "campaign": campaign,
            "may_send": may_send,
            "verbs": [verb.name for verb in (*STRAIGHT, CANCEL) if verb.is_possible(campaign)],
            "is_live": is_live(campaign),
            "stage": stage(campaign),
            "countdown": countdown(campaign),
            "is_late": is_late(campaign),
            "may_pace": may_send and may_pace(campaign),
            "figures": figures(campaign) if campaign.has_started else None,
        }

    def progress_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        campaign = self.campaign_to_see(request, object_id)
        if campaign.is_editable:
            return HttpResponseRedirect(self.address("change", campaign))
        context = self.sending_context(request, campaign) | {"is_progress_page": True, "waves": wave_table(campaign)}
        if campaign.has_started:
            context["reasons"] = reasons(campaign)
        if campaign.has_started and may_see_mails(request):
            context["log"] = read_log(campaign, request.GET)
        return self.page(request, "progress", campaign, context | {"title": _("Progress")})

    def live_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The numbers alone."""
        campaign = self.campaign_to_see(request, object_id)
        context = self.sending_context(request, campaign)
        return self.fragment(request, "numbers", context)

    def why_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Why some did not get it, alone."""
        campaign = self.campaign_to_see(request, object_id)
        context = {"campaign": campaign, "is_live": is_live(campaign), "reasons": reasons(campaign)}
        return self.fragment(request, "reasons", context)

    def lines_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The newest page of the send log alone."""
        campaign = self.campaign_to_see(request, object_id)
        if not may_see_mails(request):
            raise PermissionDenied
        context = self.sending_context(request, campaign) | {"log": read_log(campaign, request.GET)}
        return self.fragment(request, "log_page", context)

    def fragment(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        """The last one when the buttons of the page around it are no longer right."""
        response = render(request, f"admin/campaigns/sending/{name}.html", context)
        if stage(context["campaign"]) != request.GET.get("stage") or not context["is_live"]:
            response.headers["Live"] = "done"
        return response

    def under_way_view(self, request: HttpRequest) -> HttpResponse:
        """What the dashboard refreshes; the last answer when other campaigns are under way than it shows."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        under_way = being_sent()
        response = render(request, "admin/dashboard/under_way.html", {"under_way": under_way})
        if request.GET.get("watched") != watched(under_way):
            response.headers["Live"] = "done"
        return response

    def verb_view(self, verb: Verb, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        campaign = self.campaign_to_send(request, object_id)
        if verb.act(campaign, request):
            nudge()
            self.log_change(request, campaign, str(verb.label))
            messages.success(request, verb.done % {"name": campaign.name})
        else:
            self.tell_who_was_faster(request, campaign)
        return HttpResponseRedirect(self.address("change" if campaign.is_editable else "progress", campaign))

    def cancel_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if request.method == "POST":
            return self.verb_view(CANCEL, request, object_id)
        campaign = self.campaign_to_send(request, object_id)
        if not CANCEL.is_possible(campaign):
            self.tell_who_was_faster(request, campaign)
            return HttpResponseRedirect(self.address("progress", campaign))
        context = {"title": _("Cancel"), "ledger": reports.ledger(campaign)}
        return self.page(request, "cancel", campaign, context)

    def uncertain_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Staff decide on mails of which nobody knows: those that they ticked, or all of the campaign."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        campaign = self.campaign_to_send(request, object_id)
        doubtful = campaign.deliveries.filter(status=Delivery.Status.UNCERTAIN)
        if "all" not in request.POST:
            doubtful = doubtful.filter(pk__in=[pk for pk in request.POST.getlist("mail") if pk.isdecimal()])
        decided(request, doubtful, request.POST.get("decision", ""))
        return HttpResponseRedirect(self.address("progress", campaign) + "?outcome=uncertain")


def is_live(campaign: Campaign) -> bool:
    return campaign.status in LIVE or campaign.deliveries.queued().exists()


def may_see_mails(request: HttpRequest) -> bool:
    """The numbers are for everybody who may see the campaign; the log names people."""
    return request.user.has_perm("campaigns.view_delivery")
