"""The numbers of one campaign as its pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.functional import Promise

from campaigns import reports
from campaigns.models import Campaign, Delivery, Transport


@dataclass(frozen=True)
class Part:
    """One part of the bar; `waiting` stands for everything that is still open."""

    status: str
    label: Promise | str
    count: int


@dataclass(frozen=True)
class Figures:
    campaign: Campaign
    ledger: reports.Ledger
    progress: reports.Progress | None
    resting: list[Transport]

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
    return Figures(
        campaign,
        reports.ledger(campaign),
        reports.progress(campaign) if on_its_way else None,
        resting_transports() if resting is None else resting,
    )


def reasons(campaign: Campaign) -> list[Part]:
    """Why some did not get it, the most frequent first."""
    return [Part(status, why, count) for status, why, count in reports.outcomes(campaign) if why]


def resting_transports() -> list[Transport]:
    return list(Transport.objects.filter(resting_until__gt=timezone.now(), is_active=True))


def is_late(campaign: Campaign) -> bool:
    """Due for a minute and still not started: perhaps nobody works."""
    at = campaign.scheduled_at
    is_scheduled = campaign.status == Campaign.Status.SCHEDULED
    return is_scheduled and at is not None and at < timezone.now() - timedelta(minutes=1)
