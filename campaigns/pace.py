"""How fast limits let mail leave: what the engine obeys and the reports foretell."""

from __future__ import annotations

from datetime import UTC, datetime

from campaigns.models import Campaign, Limit, RecipientDomain, Transport, clock
from campaigns.models.limit import Limited

# What staff may change while mails are leaving.
LIMITS = [field.name for field in Limited._meta.get_fields()]


def allowed(campaign: Campaign) -> float | None:
    """Mails per second by the limits alone; None if nothing limits them."""
    ways = [per_second(transport) for transport in Transport.objects.filter(is_active=True)]
    together = None if not ways or None in ways else sum(rate for rate in ways if rate)
    return min((rate for rate in (per_second(campaign), together) if rate), default=None)


def per_second(limited: Limited) -> float | None:
    return min((allowance.per_second for allowance in limited.allowances.values()), default=None)


def opens_at(campaign: Campaign, now: datetime) -> datetime:
    """When the limits and the rest of the transports let the next mail through; now if they do already."""
    ways = [way_opens_at(transport, now) for transport in Transport.objects.filter(is_active=True)]
    return max(token_at(campaign, now), min(ways, default=now))


def way_opens_at(transport: Transport, now: datetime) -> datetime:
    return max(token_at(transport, now), transport.resting_until or now)


def token_at(limited: Limited, now: datetime) -> datetime:
    """When none of its limits is used up; mails on a wire now may delay it a little."""
    allowances = limited.allowances
    if not allowances:
        return now
    rows = Limit.objects.filter(key__in=allowances)
    opens = max((row.opens_at(allowances[row.key], now.timestamp()) for row in rows), default=0.0)
    return max(now, datetime.fromtimestamp(opens, UTC))


def closed_domains() -> list[str]:
    """Those to which nothing may leave now."""
    now = clock.now()
    return [name for name, opens in domains_open_at(now).items() if opens > now]


def domains_open_at(now: datetime) -> dict[str, datetime]:
    """When those that are limited or rest may get their next mail; now if they may already."""
    watched = RecipientDomain.objects.watched()
    return {domain.name: max(token_at(domain, now), domain.rests_until or now) for domain in watched}


def open_ways() -> list[Transport]:
    """The transports that may send now: the best, and if their limits are used up, the next best as well."""
    now = clock.now()
    chosen: list[Transport] = []
    for transport in Transport.objects.in_service():
        if chosen and transport.priority > chosen[-1].priority and any(token_at(one, now) <= now for one in chosen):
            break
        chosen.append(transport)
    return chosen
