"""Divides an audience by what decides when and how somebody is mailed; only those who share all of it share batches."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache, partial
from typing import NamedTuple

from django.db.models import BooleanField, Case, F, IntegerField, Q, Value, When
from django.db.models.expressions import Combinable, Expression

from campaigns import waves
from campaigns.models import Campaign, RecipientDomain


class Facts(NamedTuple):
    """What the database tells of somebody. One that makes no difference in this campaign is the same for everybody."""

    zone: str
    # Their domain, if it has a limit of its own.
    limited: str
    is_late: bool


# Of everybody in a campaign that divides nobody.
NO_FACTS = Facts("", "", is_late=False)


class Share(NamedTuple):
    due_at: datetime
    is_held: bool
    domain: str


class Division:
    """How one campaign's audience is divided."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self.has_canary = campaign.canary_at is not None and campaign.released_at is None
        self.domains = list(RecipientDomain.objects.limited().values_list("name", flat=True))
        self.due_at = cache(partial(due_at, campaign))

    @property
    def divides(self) -> bool:
        return bool(self.campaign.in_local_time or self.domains or self.has_canary)

    def facts(self) -> dict[str, Combinable]:
        """One expression over subscribers for each of the Facts."""
        limited = [When(domain=name, then=Value(name)) for name in self.domains]
        late = When(pk__gt=self.campaign.canary_to, then=Value(True)) if self.has_canary else None
        return {
            "zone": F("time_zone") if self.campaign.in_local_time else Value(""),
            "limited": Case(*limited, default=Value("")) if limited else Value(""),
            "is_late": Case(late, default=Value(False), output_field=BooleanField()) if late else Value(False),
        }

    def share(self, facts: Facts) -> Share:
        due_at = self.due_at(facts.zone)
        return Share(due_at, self._is_held(due_at, facts.is_late), facts.limited)

    def place(self, shares: dict[Share, int], known: Iterable[Facts]) -> Expression:
        """An expression for the number of somebody's share; of one that is not known, the last."""
        if len(shares) == 1:
            return Value(0, output_field=IntegerField())
        zones: dict[tuple[int, str, bool], list[str]] = {}
        for facts in known:
            zones.setdefault((shares[self.share(facts)], facts.limited, facts.is_late), []).append(facts.zone)
        whens = [
            When(Q(zone__in=names, limited=domain, is_late=is_late), then=Value(number))
            for (number, domain, is_late), names in zones.items()
        ]
        return Case(*whens, default=Value(len(shares) - 1), output_field=IntegerField())

    def _is_held(self, due_at: datetime, is_late: bool) -> bool:
        """In the order of their mails, whoever comes after the last of the canary."""
        if not self.has_canary or self.campaign.canary_at is None:
            return False
        return due_at > self.campaign.canary_at or (due_at == self.campaign.canary_at and is_late)


def due_at(campaign: Campaign, zone: str) -> datetime:
    """When the first mails to people in that time zone may leave, which is not before anything may."""
    assert campaign.leaves_at
    return max(campaign.leaves_at, waves.moment(campaign, zone)) if campaign.in_local_time else campaign.leaves_at
