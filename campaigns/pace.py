"""How fast limits let mail leave: what the engine obeys and the reports foretell."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from campaigns.models import Campaign, Limit, Transport
from campaigns.models.limit import Allowance

Limited = Campaign | Transport


def allowances(*limited: Limited) -> dict[str, Allowance]:
    """By key, those that have a limit."""
    return {Limit.key_of(row): Allowance(row.limit_per_hour) for row in limited if row.limit_per_hour}


def allowed(campaign: Campaign) -> float | None:
    """Mails per second by the limits alone; None if nothing limits them."""
    rates = []
    if campaign.limit_per_hour:
        rates.append(Allowance(campaign.limit_per_hour).per_second)
    limits = Transport.objects.filter(is_active=True).values_list("limit_per_hour", flat=True)
    if limits and all(limits):
        rates.append(sum(Allowance(limit).per_second for limit in limits if limit))
    return min(rates, default=None)


def opens_at(campaign: Campaign, now: datetime) -> datetime:
    """When the limits and the rest of the transports let the next mail through; now if they do already."""
    ways = [way_opens_at(transport, now) for transport in Transport.objects.filter(is_active=True)]
    return max(token_at(campaign, now), min(ways, default=now))


def way_opens_at(transport: Transport, now: datetime) -> datetime:
    return max(token_at(transport, now), transport.resting_until or now)


def token_at(limited: Limited, now: datetime) -> datetime:
    if not limited.limit_per_hour:
        return now
    bucket = Limit.objects.filter(key=Limit.key_of(limited)).first()
    return bucket.available_at(Allowance(limited.limit_per_hour), now) if bucket else now


def open_ways() -> list[Transport]:
    """The transports that may send now: the best, and if their limits are used up, the next best as well."""
    now = timezone.now()
    chosen: list[Transport] = []
    for transport in Transport.objects.in_service():
        if chosen and transport.priority > chosen[-1].priority and any(token_at(one, now) <= now for one in chosen):
            break
        chosen.append(transport)
    return chosen
