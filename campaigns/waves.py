"""At the same time of day everywhere: when the clocks of whose time zone show it."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from django.conf import settings
from django.db.models import Count

from campaigns import audience
from campaigns.models import Campaign


@dataclass(frozen=True)
class Wave:
    """Everybody whose clocks show it at that moment, by time zone, most people first."""

    at: datetime
    zones: dict[str, int]

    @property
    def people(self) -> int:
        return sum(self.zones.values())


def waves(campaign: Campaign) -> list[Wave]:
    """Of those who can be mailed now, first wave first."""
    return in_order(campaign, people_by_zone(campaign))


def people_by_zone(campaign: Campaign) -> dict[str, int]:
    """How many can be mailed now, by the time zone that is written down for them, if any."""
    rows = audience.mailable(campaign).order_by().values_list("time_zone").annotate(people=Count("pk"))
    return dict(rows)


def in_order(campaign: Campaign, people: dict[str, int]) -> list[Wave]:
    found: dict[datetime, dict[str, int]] = {}
    for written, number in sorted(people.items(), key=lambda item: -item[1]):
        zones = found.setdefault(moment(campaign, written), {})
        zone = zone_of(campaign, written)
        zones[zone] = zones.get(zone, 0) + number
    return [Wave(at, zones) for at, zones in sorted(found.items())]


def moment(campaign: Campaign, written: str) -> datetime:
    """When it is the campaign's time in a time zone.

    What the change to summer time skips comes as much later, and of what it repeats, the first counts.
    """
    assert campaign.scheduled_at
    own = zoneinfo.ZoneInfo(zone_of(campaign, ""))
    shown = campaign.scheduled_at.astimezone(own).replace(tzinfo=None)
    return shown.replace(tzinfo=zoneinfo.ZoneInfo(zone_of(campaign, written))).astimezone(UTC)


def next_moment(campaign: Campaign, after: datetime) -> datetime | None:
    """The next time that it is the campaign's time anywhere, whether anybody lives there or not."""
    return min((at for at in {moment(campaign, zone) for zone in known_zones()} if at > after), default=None)


def zone_of(campaign: Campaign, written: str) -> str:
    """Whoever has none, or one that nobody knows, lives in the campaign's."""
    return next((zone for zone in (written, campaign.time_zone) if zone in known_zones()), settings.TIME_ZONE)


@cache
def known_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
