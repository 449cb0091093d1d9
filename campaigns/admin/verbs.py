"""What staff may do with a campaign that is on its way: one POST each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.delivery import canary, undo
from campaigns.models import Campaign


@dataclass(frozen=True)
class Verb:
    """`act` answers False when somebody was faster; `done` is what staff then read, with the name of the campaign."""

    name: str
    label: Promise
    icon: str
    is_possible: Callable[[Campaign], bool]
    act: Callable[[Campaign, HttpRequest], bool]
    done: Promise


def unschedule(campaign: Campaign, request: HttpRequest) -> bool:
    """Also if it has started since the page was shown, as long as no mail has left."""
    return campaign.unschedule() or undo.stop(campaign)


def pause(campaign: Campaign, request: HttpRequest) -> bool:
    return campaign.pause(request.POST.get("reason", "").strip())


def resume(campaign: Campaign, request: HttpRequest) -> bool:
    return campaign.resume()


def release(campaign: Campaign, request: HttpRequest) -> bool:
    return canary.release(campaign, is_paused=request.POST.get("seen") == Campaign.Status.PAUSED)


def cancel(campaign: Campaign, request: HttpRequest) -> bool:
    return campaign.cancel()


UNSCHEDULE = Verb(
    "unschedule",
    _("Unschedule"),
    "event_busy",
    lambda campaign: campaign.status == Campaign.Status.SCHEDULED or campaign.is_ahead,
    unschedule,
    _("“%(name)s” is a draft again. Nothing is sent."),
)
# Before its first mail a campaign is stopped instead, and can be mended and sent.
PAUSE = Verb(
    "pause",
    _("Pause"),
    "pause",
    lambda campaign: campaign.status in Campaign.MOVES[Campaign.Status.PAUSED] and not campaign.is_ahead,
    pause,
    _("“%(name)s” is paused. What is on the wire at this moment still arrives."),
)
RESUME = Verb(
    "resume",
    _("Resume"),
    "play_arrow",
    lambda campaign: campaign.status == Campaign.Status.PAUSED,
    resume,
    _("“%(name)s” is being sent again."),
)
RELEASE = Verb(
    "release",
    _("Send to the others"),
    "done_all",
    lambda campaign: campaign.awaits_release and not campaign.is_ahead,
    release,
    _("“%(name)s” goes to the others now."),
)
CANCEL = Verb(
    "cancel",
    _("Cancel"),
    "stop",
    lambda campaign: campaign.status in Campaign.MOVES[Campaign.Status.CANCELLED] and not campaign.is_ahead,
    cancel,
    _("“%(name)s” is cancelled. Nobody who was still waiting gets it."),
)
