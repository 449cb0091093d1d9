"""What needs staff, in one sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import notifications
from campaigns.admin.figures import Figures, is_late
from campaigns.models import Campaign, Incident, Transport


@dataclass(frozen=True)
class Problem:
    icon: str
    message: str
    address: str
    link: str


def problems(scheduled: Iterable[Campaign], started: Iterable[Figures], resting: Iterable[Transport]) -> list[Problem]:
    found = [*no_way_out(), *(rests(transport) for transport in resting)]
    found += [late(campaign) for campaign in scheduled if is_late(campaign)]
    for figures in started:
        found += of_campaign(figures)
    return found + other_incidents()


def other_incidents() -> list[Problem]:
    """Those that are open and not to be seen from the campaigns and transports themselves."""
    resting = [f"transport:{number}" for number in Transport.objects.resting().values_list("pk", flat=True)]
    unseen = Incident.objects.open().exclude(key__startswith="campaign:").exclude(key__in=resting)
    return [of_incident(incident) for incident in unseen.order_by("pk")]


def of_incident(incident: Incident) -> Problem:
    if incident.kind == Incident.Kind.CLUSTER:
        said = _("The workers on %(name)s have given no sign of life since %(time)s.")
    elif incident.kind == Incident.Kind.INBOX:
        said = _("The incoming mail of %(name)s cannot be read since %(time)s: %(reason)s")
    else:
        said = _("The transport “%(name)s” is being tried again after trouble since %(time)s: %(reason)s")
    opened_at = timezone.localtime(incident.opened_at)
    since = date_format(opened_at, "TIME_FORMAT" if opened_at.date() == timezone.localdate() else "DATETIME_FORMAT")
    words = {"name": incident.name, "time": since, "reason": incident.reason}
    return Problem("running_with_errors", said % words, notifications.page(incident), _("Look at it"))


def no_way_out() -> Iterator[Problem]:
    if not Transport.objects.filter(is_active=True).exists():
        yield Problem(
            "link_off",
            _("No transport is in use, so nothing can be sent."),
            reverse("admin:campaigns_transport_changelist"),
            _("Transports"),
        )


def rests(transport: Transport) -> Problem:
    until = date_format(timezone.localtime(transport.resting_until), "TIME_FORMAT")
    words = {"name": transport.name, "time": until, "reason": transport.rest_reason}
    return Problem(
        "bedtime",
        _("The transport “%(name)s” rests until %(time)s: %(reason)s") % words,
        reverse("admin:campaigns_transport_change", args=[transport.pk]),
        _("Look at the transport"),
    )


def late(campaign: Campaign) -> Problem:
    return Problem(
        "running_with_errors",
        _("“%(name)s” is due and has not started. Is a worker (manage.py qcluster) running?") % {"name": campaign.name},
        progress_page(campaign),
        _("Look at it"),
    )


def of_campaign(figures: Figures) -> Iterator[Problem]:
    campaign, page = figures.campaign, progress_page(figures.campaign)
    words = {"name": campaign.name, "reason": campaign.pause_reason}
    if campaign.status == Campaign.Status.PAUSED and campaign.pause_reason:
        yield Problem("pause_circle", _("“%(name)s” is paused: %(reason)s") % words, page, _("Look at it"))
    elif campaign.status == Campaign.Status.PAUSED:
        yield Problem("pause_circle", _("“%(name)s” is paused.") % words, page, _("Look at it"))
    if figures.is_stuck:
        yield Problem("running_with_errors", stuck(campaign), page, _("Look at it"))
    if uncertain := figures.ledger.uncertain:
        yield Problem("help", in_doubt(campaign, uncertain), f"{page}?outcome=uncertain", _("Decide"))


def stuck(campaign: Campaign) -> str:
    said = _("No mail of “%(name)s” has left for a minute. Is a worker (manage.py qcluster) running?")
    return said % {"name": campaign.name}


def progress_page(campaign: Campaign) -> str:
    return reverse("admin:campaigns_campaign_progress", args=[campaign.pk])


def in_doubt(campaign: Campaign, mails: int) -> str:
    return ngettext(
        "The connection broke while %(mails)s mail of “%(name)s” was handed over: did it arrive?",
        "The connection broke while %(mails)s mails of “%(name)s” were handed over: did they arrive?",
        mails,
    ) % {"mails": intcomma(mails), "name": campaign.name}
