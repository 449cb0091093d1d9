"""What staff may do with a campaign that is on its way: one POST each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign


@dataclass(frozen=True)
class Verb:
    """`act` answers False when somebody was faster; `done` is what staff then read, with the name of the campaign."""

    name: str
    label: Promise
    icon: str
    possible_in: frozenset[str]
    act: Callable[[Campaign, HttpRequest], bool]
    done: Promise

    def is_possible(self, campaign: Campaign) -> bool:
        return campaign.status in self.possible_in


def unschedule(campaign: Campaign, request: HttpRequest) -> bool:
    return campaign.unschedule()


def pause(campaign: Campaign, request: HttpRequest) -> bool:
    return campaign.pause(request.POST.get("reason", "").strip())


def resume(campaign: Campaign, request: HttpRequest) -> bool:
    return campaign.resume()


def cancel(campaign: Campaign, request: HttpRequest) -> bool:
    return campaign.cancel()


UNSCHEDULE = Verb(
    "unschedule",
    _("Unschedule"),
    "event_busy",
    Campaign.MOVES[Campaign.Status.DRAFT],
    unschedule,
    _("“%(name)s” is a draft again. Nothing is sent."),
)
PAUSE = Verb(
    "pause",
    _("Pause"),
    "pause",
    Campaign.MOVES[Campaign.Status.PAUSED],
    pause,
    _("“%(name)s” is paused. What is on the wire at this moment still arrives."),
)
RESUME = Verb(
    "resume",
    _("Resume"),
    "play_arrow",
    frozenset({Campaign.Status.PAUSED}),
    resume,
    _("“%(name)s” is being sent again."),
)
CANCEL = Verb(
    "cancel",
    _("Cancel"),
    "stop",
    Campaign.MOVES[Campaign.Status.CANCELLED],
    cancel,
    _("“%(name)s” is cancelled. Nobody who was still waiting gets it."),
)
