"""The first few of a campaign; the others wait until a person has seen how it went for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from campaigns import audience, waves
from campaigns.delivery import stretches
from campaigns.delivery.deadlocks import tries_again
from campaigns.delivery.shares import due_at
from campaigns.models import Batch, Campaign, clock
from subscribers.models import Subscriber


def choose(campaign: Campaign) -> None:
    """Find the last of the first few, in the order in which mails leave. Call it while the campaign's row is locked."""
    left = campaign.canary or 0
    for at, people in _by_due(campaign):
        following = people.order_by("pk").values_list("pk", flat=True)
        if last := following[left - 1 : left].first():
            campaign.canary_at, campaign.canary_to = at, last
            return
        left -= people.count()
    # There are no others who could wait.
    campaign.released_at = clock.now()


@tries_again
def release(campaign: Campaign, *, is_paused: bool = False) -> bool:
    """The others follow, and what was paused goes on; False if somebody was faster.

    Whoever did not see that it `is_paused` does not know why, and so lets nobody follow.
    """
    seen = Campaign.Status.PAUSED if is_paused else Campaign.Status.SENDING
    going = {"status": Campaign.Status.SENDING, "pause_reason": ""}
    with transaction.atomic():
        # The row of the campaign first, and those who plan, so that no batch is planned as held at the same time.
        waiting = Campaign.objects.filter(pk=campaign.pk, status=seen, canary__isnull=False, released_at=None)
        is_released = bool(waiting.update(**going, released_at=clock.now()))
        if is_released:
            stretches.hold(campaign)
            Batch.objects.filter(campaign=campaign, is_held=True).update(is_held=False)
    return is_released


def _by_due(campaign: Campaign) -> Iterator[tuple[datetime, QuerySet[Subscriber]]]:
    everybody = audience.mailable(campaign)
    if not campaign.in_local_time:
        yield due_at(campaign, ""), everybody
        return
    zones: dict[datetime, list[str]] = {}
    for zone in waves.people_by_zone(campaign):
        zones.setdefault(due_at(campaign, zone), []).append(zone)
    for at in sorted(zones):
        yield at, everybody.filter(time_zone__in=zones[at])
