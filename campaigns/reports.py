"""What became of a campaign, how far it is, and when it will be done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, OuterRef, Q, Subquery
from django.db.models.expressions import Combinable
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import audience, pace
from campaigns.models import Attempt, Batch, Campaign, Delivery, RecipientDomain, Transport

Status = Delivery.Status

# A second more than a minute, for the clock goes on until the words are made.
SHORTEST = timedelta(seconds=61)
# Tries that tell how fast it goes.
NEWEST = 10_000


@dataclass(frozen=True)
class Ledger:
    planned: int
    sent: int
    failed: int
    skipped: int
    uncertain: int
    waiting: int

    @property
    def done(self) -> int:
        return self.sent + self.failed + self.skipped + self.uncertain

    @property
    def adds_up(self) -> bool:
        """Everybody in the audience has an outcome: the sum of a finished campaign."""
        return self.planned == self.done

    def __str__(self) -> str:
        return (
            f"planned={self.planned} sent={self.sent} failed={self.failed} "
            f"skipped={self.skipped} uncertain={self.uncertain}"
        )


@dataclass(frozen=True)
class Progress:
    done: int
    total: int
    # Those whom a person has yet to let follow the first few.
    held: int
    per_second: float | None
    next_slot_at: datetime | None
    done_at: datetime | None
    pause_reason: str

    @property
    def done_within(self) -> datetime | None:
        """For words such as “in 5 minutes”, which are never “in 0 minutes”."""
        return max(self.done_at, timezone.now() + SHORTEST) if self.done_at else None

    @property
    def percent(self) -> int:
        """Rounded down: 100 means done."""
        return min(100, self.done * 100 // self.total) if self.total else 0


def ledger(campaign: Campaign) -> Ledger:
    counts: dict[str, int] = dict(counted(campaign, "status"))
    ended = {status: counts.get(status, 0) for status in (Status.SENT, Status.FAILED, Status.SKIPPED, Status.UNCERTAIN)}
    return Ledger(
        planned=campaign.planned or 0,
        sent=ended[Status.SENT],
        failed=ended[Status.FAILED],
        skipped=ended[Status.SKIPPED],
        uncertain=ended[Status.UNCERTAIN],
        waiting=counts.get(Status.QUEUED, 0),
    )


def counted(campaign: Campaign, *columns: str | Combinable) -> Iterable[tuple[Any, ...]]:
    """How many of its mails have which values there, the number last."""
    parts = (campaign.deliveries.ended(), Delivery.objects.waiting_of(campaign))
    # Asking for all columns, and so for none, lets PostgreSQL read the index alone.
    ended, waiting = (part.order_by().values_list(*columns).annotate(mails=Count("*")) for part in parts)
    # One statement sees one moment: else a mail that leaves meanwhile would be counted twice, or not at all.
    return ended.union(waiting, all=True)


def progress(campaign: Campaign, sums: Ledger | None = None) -> Progress:
    """Counting all mails takes long, so whoever has the `sums` passes them on."""
    sums = sums or ledger(campaign)
    total = sums.planned if campaign.planned_at else audience.recipients(campaign).count()
    waiting_for_staff = held(campaign, sums.waiting)
    observed = per_second(campaign)
    going = campaign.status == Campaign.Status.SENDING
    return Progress(
        done=sums.done,
        total=total,
        held=waiting_for_staff,
        per_second=observed if going else None,
        next_slot_at=next_slot_at(campaign) if going else None,
        done_at=done_at(campaign, total - sums.done - waiting_for_staff, observed) if going else None,
        pause_reason=pause_reason(campaign),
    )


def held(campaign: Campaign, waiting: int) -> int:
    """How many of those who wait, wait until a person lets them follow the first few."""
    if not campaign.awaits_release:
        return 0
    going = Batch.objects.unfinished().filter(campaign=campaign, is_held=False)
    return waiting - Delivery.objects.queued().filter(batch__in=list(going)).count()


def outcomes(campaign: Campaign) -> list[tuple[str, str, int]]:
    """How many mails ended how and why, the most frequent first: (status, reason in words, mails).

    Failures are grouped by the kind of answer: servers put the address into their words.
    """
    ended = campaign.deliveries.ended().order_by()
    found = [(status, cause_in_words(status, why, code), mails) for status, why, code, mails in causes(campaign)]
    for status in (Status.SENT, Status.UNCERTAIN):
        if mails := ended.filter(status=status).count():
            found.append((status, "", mails))
    return sorted(found, key=lambda row: -row[2])


def causes(campaign: Campaign) -> list[tuple[str, str, int | None, int]]:
    """Why some did not get it: (status, Skip or kind of the last answer, its code, mails)."""
    last = Attempt.objects.filter(delivery=OuterRef("pk")).order_by("-pk")
    ended = campaign.deliveries.ended().order_by()
    skipped, failed = ended.filter(status=Status.SKIPPED), ended.filter(status=Status.FAILED)
    tried = failed.annotate(kind=Subquery(last.values("outcome")[:1]), code=Subquery(last.values("code")[:1]))
    reasons = skipped.values_list("reason").annotate(mails=Count("pk"))
    answers = tried.values_list("kind", "code").annotate(mails=Count("pk"))
    return [
        *((Status.SKIPPED.value, reason, None, mails) for reason, mails in reasons),
        *((Status.FAILED.value, kind or "", code, mails) for kind, code, mails in answers),
    ]


def cause_in_words(status: str, why: str, code: int | None) -> str:
    if status == Status.SKIPPED:
        return str(dict(Delivery.Skip.choices).get(why, why))
    words = str(dict(Attempt.Outcome.choices).get(why, ""))
    return f"{words} ({code})" if code else words


def forecast(total: int, campaign: Campaign) -> datetime | None:
    """When that many mails would be out; None without limits."""
    start = max(campaign.scheduled_at or timezone.now(), timezone.now())
    duration = takes(total, campaign)
    return start + duration if duration else None


def takes(total: int, campaign: Campaign) -> timedelta | None:
    """How long that many mails take, a minute at least, if only limits slow them down; None without them."""
    rate = pace.allowed(campaign)
    seconds = [total / rate] if rate else []
    for domain in RecipientDomain.objects.limited():
        people = audience.mailable(campaign).filter(email__endswith=f"@{domain.name}").count()
        seconds.append(min(people, total) / (pace.per_second(domain) or 1))
    return max(timedelta(seconds=max(seconds)), timedelta(minutes=1)) if any(seconds) else None


def per_second(campaign: Campaign) -> float | None:
    """Over the last minute, or since mails may leave if that is shorter; None before the first try."""
    now = timezone.now()
    since = max(now - timedelta(minutes=1), campaign.leaves_at or campaign.started_at or now)
    is_recent = Q(tried_at__gte=since)
    seen = Attempt.objects.order_by("-pk")[:NEWEST].aggregate(
        recent=Count("pk", filter=is_recent),
        tries=Count("pk", filter=is_recent & Q(delivery__campaign=campaign)),
        first=Min("tried_at"),
    )
    if seen["recent"] == NEWEST:
        since = seen["first"]
    return seen["tries"] / max((now - since).total_seconds(), 1) if seen["tries"] else None


def next_slot_at(campaign: Campaign) -> datetime | None:
    """When the next mail may leave; None if that is now, or nothing waits."""
    now = timezone.now()
    waiting = Batch.objects.unfinished().filter(campaign=campaign, is_held=False)
    domains = pace.domains_open_at(now)
    dues = waiting.order_by().values_list("domain").annotate(first=Min("due_at"))
    due = min((max(first, domains.get(domain, first)) for domain, first in dues), default=None)
    if due is None:
        return None
    opens = max(due, pace.opens_at(campaign, now))
    return opens if opens > now else None


def done_at(campaign: Campaign, remaining: int, observed: float | None) -> datetime | None:
    """The slower of what limits allow and what was seen, and not before the last retry."""
    rates = [rate for rate in (observed, pace.allowed(campaign)) if rate]
    if not remaining or not rates:
        return None
    waiting = Delivery.objects.waiting_of(campaign)
    if campaign.awaits_release:
        waiting = waiting.filter(batch__is_held=False)
    seconds = [remaining / min(rates)]
    for domain in RecipientDomain.objects.limited():
        mails = waiting.filter(batch__domain=domain.name).count()
        seconds.append(mails / (pace.per_second(domain) or 1))
    forecast_at = timezone.now() + timedelta(seconds=max(seconds))
    last_due = waiting.aggregate(last=Max("due_at"))["last"]
    return max(forecast_at, last_due) if last_due else forecast_at


def pause_reason(campaign: Campaign) -> str:
    """Why nothing is being sent, if nothing is."""
    if campaign.status != Campaign.Status.SENDING:
        return campaign.pause_reason
    in_use = list(Transport.objects.filter(is_active=True).order_by("priority", "pk"))
    if not in_use:
        return _("No transport is in use.")
    if all(transport.is_resting for transport in in_use):
        return _("No transport is available: %(reason)s") % {"reason": in_use[0].rest_reason}
    return ""
