"""The first page: what is going on, what comes next, and what needs staff."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone

from campaigns import tallies
from campaigns.admin.figures import Figures, figures, resting_transports
from campaigns.admin.first_steps import first_steps
from campaigns.admin.growth import HEIGHT, WIDTH, largest_lists
from campaigns.admin.problems import problems
from campaigns.admin.report_head import Head
from campaigns.delivery import heartbeats
from campaigns.models import Campaign
from campaigns.tallies import DAYS
from subscribers.models import Import

MOST = 5


def context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's DASHBOARD_CALLBACK. Everybody sees what they may look at elsewhere."""
    context["title"] = ""
    if request.user.has_perm("campaigns.view_campaign"):
        context |= mail()
    if request.user.has_perm("subscribers.view_mailinglist"):
        context |= audience()
    if request.user.has_perm("subscribers.view_import"):
        context["imports"] = Import.objects.order_by("-id")[:MOST]
    return context


def mail() -> dict[str, Any]:
    under_way = being_sent()
    scheduled = next_up()
    finished = [Figures(campaign, tallies.ledger(campaign), None, []) for campaign in tallies.last_sent()[:MOST]]
    return {
        "under_way": under_way,
        "watched": watched(under_way),
        "scheduled": scheduled,
        "finished": finished,
        "last_read": Head(read) if (read := tallies.last_read()) else None,
        "problems": problems(scheduled, [*under_way, *finished], resting_transports()),
        "steps": first_steps(),
        "mails": mails_planned(),
        "clusters": heartbeats.signs(),
    }


def being_sent() -> list[Figures]:
    going = Campaign.objects.filter(status__in=[Campaign.Status.SENDING, Campaign.Status.PAUSED])
    # A welcome mail is always on its way; only if it is paused is that news.
    going = going.exclude(status=Campaign.Status.SENDING, welcomes__isnull=False)
    return [figures(campaign, resting=[]) for campaign in going.order_by("-status", "-id")[:MOST]]


def watched(under_way: list[Figures]) -> str:
    """Names the campaigns on the page, so that it notices when others are under way."""
    return "-".join(str(figures.campaign.pk) for figures in under_way)


def next_up() -> list[Campaign]:
    return list(Campaign.objects.filter(status=Campaign.Status.SCHEDULED).order_by("scheduled_at")[:MOST])


def mails_planned() -> int:
    """Over the last days, from the plans of campaigns: counting mails would take long."""
    since = timezone.now() - timedelta(days=DAYS)
    return Campaign.objects.filter(started_at__gte=since).aggregate(mails=Sum("planned"))["mails"] or 0


def audience() -> dict[str, Any]:
    people = tallies.people()
    return {
        "lists": largest_lists(people),
        "people": people.number,
        "joined": people.joined.total(),
        "left": people.left.total(),
        "as_of": people.as_of,
        "days": DAYS,
        "chart": {"width": WIDTH, "height": HEIGHT},
    }
