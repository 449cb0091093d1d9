"""The numbers of one campaign as its pages show them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from campaigns import reports
from campaigns.admin.limits import in_words
from campaigns.models import Campaign, Delivery, RecipientDomain, Transport

# Longer than a busy cluster ever takes to begin.
SILENCE = timedelta(minutes=1)


@dataclass(frozen=True)
class Part:
    """One part of the bar; `waiting` stands for everything that is still open."""

    status: str
    label: Promise | str
    count: int


@dataclass(frozen=True)
class Countdown:
    ends_at: datetime
    now: datetime

    @property
    def seconds(self) -> int:
        return max(0, math.ceil((self.ends_at - self.now).total_seconds()))

    @property
    def clock(self) -> str:
        """Minutes and seconds: 0:42."""
        return f"{self.seconds // 60}:{self.seconds % 60:02}"


@dataclass(frozen=True)
class Figures:
    campaign: Campaign
    ledger: reports.Ledger
    progress: reports.Progress | None
    resting: list[Transport]

    @property
    def planned(self) -> int:
        """The left side of the sum; of a campaign that was cancelled while it was planned, what there is."""
        ledger = self.ledger
        return ledger.done + ledger.waiting if self.campaign.planned is None else ledger.planned

    @property
    def limits(self) -> str:
        return in_words(self.campaign)

    @property
    def speed(self) -> str:
        """Such as “37.5 per second”; of a slow one how many a minute, for nobody counts in tenths of a mail."""
        rate = self.progress.per_second if self.progress else None
        if rate is None:
            return ""
        if rate < 1:
            return _("%(number)s per minute") % {"number": floatformat(math.ceil(60 * rate))}
        return _("%(number)s per second") % {"number": floatformat(rate, "-1g")}

    @property
    def resting_domains(self) -> list[RecipientDomain]:
        is_going = self.campaign.status == Campaign.Status.SENDING
        return list(RecipientDomain.objects.resting()) if is_going else []

    @property
    def is_planning(self) -> bool:
        return self.progress is not None and self.campaign.planned_at is None

    @property
    def is_stuck(self) -> bool:
        """Mails could leave and none did for a minute: perhaps nobody works."""
        progress, started = self.progress, self.campaign.started_at
        if self.campaign.status != Campaign.Status.SENDING or progress is None or started is None:
            return False
        if self.campaign.is_welcome:
            # What waits may have come this second.
            return False
        has_work = self.is_planning or self.ledger.waiting > progress.held
        is_held = progress.per_second or progress.next_slot_at or progress.pause_reason
        return has_work and not is_held and started < timezone.now() - SILENCE

    @property
    def is_asking(self) -> bool:
        """The first few have their outcome, and the others wait for a person."""
        return self.progress is not None and 0 < self.progress.held == self.ledger.waiting and not self.is_planning

    @property
    def parts(self) -> list[Part]:
        ledger, status = self.ledger, Delivery.Status
        return [
            Part("sent", status.SENT.label, ledger.sent),
            Part("failed", status.FAILED.label, ledger.failed),
            Part("skipped", status.SKIPPED.label, ledger.skipped),
            Part("uncertain", status.UNCERTAIN.label, ledger.uncertain),
            Part("waiting", status.QUEUED.label, ledger.waiting),
        ]


def figures(campaign: Campaign, resting: list[Transport] | None = None) -> Figures:
    on_its_way = campaign.status in {Campaign.Status.SENDING, Campaign.Status.PAUSED}
    sums = reports.ledger(campaign)
    return Figures(
        campaign,
        sums,
        reports.progress(campaign, sums) if on_its_way else None,
        resting_transports() if resting is None and on_its_way else resting or [],
    )


def reasons(campaign: Campaign) -> list[Part]:
    """Why some did not get it, the most frequent first."""
    return [Part(status, why, count) for status, why, count in reports.outcomes(campaign) if why]


def resting_transports() -> list[Transport]:
    return list(Transport.objects.filter(resting_until__gt=timezone.now(), is_active=True))


def stage(campaign: Campaign) -> str:
    """Another one whenever other buttons are right."""
    if campaign.is_ahead:
        return f"{campaign.status}-ahead"
    return f"{campaign.status}-held" if campaign.awaits_release else str(campaign.status)


def countdown(campaign: Campaign) -> Countdown | None:
    """Until the first mail, if it is about to leave and can be stopped."""
    now = timezone.now()
    is_due = campaign.status == Campaign.Status.SCHEDULED and campaign.due_at and campaign.due_at <= now
    if campaign.is_ahead and campaign.leaves_at:
        return Countdown(campaign.leaves_at, now)
    if is_due and not campaign.in_local_time and campaign.scheduled_at:
        return Countdown(campaign.scheduled_at, now)
    return None


def is_late(campaign: Campaign) -> bool:
    """Due for a minute and still not started: perhaps nobody works."""
    at = campaign.due_at
    is_scheduled = campaign.status == Campaign.Status.SCHEDULED
    return is_scheduled and at is not None and at < timezone.now() - SILENCE
