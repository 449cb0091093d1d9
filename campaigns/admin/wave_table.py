"""The waves of a campaign at each reader's local time, as its pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from campaigns import reports, waves
from campaigns.models import Campaign, Delivery

# Time zones by name; of the others, how many.
NAMED = 3


@dataclass(frozen=True)
class Row:
    """`done` of the `people` have their outcome; `at` is when the clocks of the zones show the campaign's time."""

    at: datetime
    people: int
    done: int
    zones: list[str]

    @property
    def named(self) -> list[str]:
        """Those with the most people."""
        return [zone.replace("_", " ") for zone in self.zones[:NAMED]]

    @property
    def others(self) -> int:
        return len(self.zones) - len(self.named)

    @property
    def state(self) -> str:
        """``done``, ``going`` or ``waiting``."""
        if self.done == self.people:
            return "done"
        return "going" if self.at <= timezone.now() else "waiting"


def wave_table(campaign: Campaign) -> list[Row]:
    """First wave first; none unless the campaign goes by local time."""
    if not campaign.in_local_time or campaign.scheduled_at is None:
        return []
    if campaign.planned_at is None:
        return [Row(wave.at, wave.people, 0, list(wave.zones)) for wave in waves.waves(campaign)]
    counts: dict[str, dict[str, int]] = {}
    for zone, status, mails in reports.counted(campaign, "subscriber__time_zone", "status"):
        counts.setdefault(zone or "", {})[status] = mails
    waiting = {waves.zone_of(campaign, zone): 0 for zone in counts}
    for zone, statuses in counts.items():
        waiting[waves.zone_of(campaign, zone)] += statuses.get(Delivery.Status.QUEUED, 0)
    everybody = {zone: sum(statuses.values()) for zone, statuses in counts.items()}
    return [
        Row(wave.at, wave.people, wave.people - sum(waiting[zone] for zone in wave.zones), list(wave.zones))
        for wave in waves.in_order(campaign, everybody)
    ]
