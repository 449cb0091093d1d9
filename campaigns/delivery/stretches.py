"""Cuts the people of a campaign, by number, into stretches that different workers plan at the same time."""

from __future__ import annotations

from django.db import connection
from django.db.models import Max, Min

from campaigns.models import Campaign, Stretch
from subscribers.models import Subscriber

# So many at once, for they are laid out while nobody else may touch the campaign.
AHEAD = 32


def claim(campaign: Campaign) -> Stretch | None:
    """The caller's until its transaction ends."""
    free = Stretch.objects.unplanned().select_for_update(skip_locked=True).filter(campaign=campaign)
    return free.order_by("pk").first()


def lay_out(campaign: Campaign, size: int) -> bool:
    """The next ones, and the cursor moved behind them; False if nobody is left. Call it while the row is locked."""
    made: list[Stretch] = []
    while len(made) < AHEAD and (among := _next_range(campaign.plan_cursor, size)):
        made.append(Stretch(campaign=campaign, first=among.start, last=among.stop - 1))
        campaign.plan_cursor = among.stop - 1
    Stretch.objects.bulk_create(made)
    return bool(made)


def hold(campaign: Campaign) -> None:
    """Waits for those who just plan; nobody else begins before the transaction ends. Lock the campaign first."""
    list(Stretch.objects.unplanned().select_for_update().filter(campaign=campaign).order_by("pk").values_list("pk"))


def can_be_shared(campaign: Campaign) -> bool:
    """Whether two planners of one process are faster than one. What is not committed, nobody else would see."""
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return False
    return Stretch.objects.unplanned().filter(campaign=campaign)[1:].exists()


def _next_range(cursor: int, size: int) -> range:
    """Empty after the last."""
    numbers = Subscriber.objects.filter(pk__gt=cursor).aggregate(first=Min("pk"), last=Max("pk"))
    first, last = numbers["first"] or 0, numbers["last"] or -1
    return range(first, min(first + size, last + 1))
