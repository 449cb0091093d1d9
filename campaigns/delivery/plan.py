"""Starts campaigns that are due, and gives everybody in their audience a delivery."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import waves
from campaigns.composition.compile import CompositionError, freeze
from campaigns.delivery import canary, snapshot
from campaigns.delivery.shares import Division
from campaigns.models import Campaign
from subscribers.models import Subscriber

logger = logging.getLogger(__name__)

# Numbers of people per commit: some hundred milliseconds of work, repeated after a crash.
RANGE = 50_000


def start_due() -> None:
    for campaign in Campaign.objects.due():
        try:
            _start(campaign)
        except DatabaseError:
            raise
        except Exception:
            # Whatever is wrong with one campaign must not stop the others.
            logger.exception("Campaign %s cannot be started.", campaign.pk)


def _start(campaign: Campaign) -> None:
    if campaign.in_local_time:
        _start_with_first_wave(campaign)
    else:
        # Of many workers one wins; the others have nothing to do.
        campaign.start()


def _start_with_first_wave(campaign: Campaign) -> None:
    """As soon as the clocks of its first readers show the time, or will when they could have been stopped no more."""
    undo = timedelta(seconds=settings.UNDO_SECONDS)
    soon = timezone.now() + undo
    moments = [waves.moment(campaign, zone) for zone in waves.people_by_zone(campaign)]
    first = min(moments, default=campaign.scheduled_at)
    following = waves.next_moment(campaign, soon)
    if following is None or (first and first <= soon):
        campaign.start(first)
    else:
        # Not before somebody in another part of the world might be among the readers.
        campaign.look_again(following - undo)


def continue_planning(seconds: float) -> None:
    """Plan range after range for about that long."""
    end = time.monotonic() + seconds
    for campaign in Campaign.objects.unplanned():
        try:
            while is_frozen(campaign) and not plan_range(campaign):
                if time.monotonic() > end:
                    return
        except DatabaseError:
            raise
        except Exception as error:
            # Whatever is wrong with one campaign must not stop the others, nor be tried each second for ever.
            logger.exception("Campaign %s cannot be planned.", campaign.pk)
            campaign.pause(f"{type(error).__name__}: {error}")


def is_frozen(campaign: Campaign) -> bool:
    """Whether the contents are stored as they will be sent; stores them if need be, or pauses and says why."""
    if campaign.editions.exists():
        return True
    try:
        with transaction.atomic():
            # Locked, because it may just have been taken back: what a draft says is not yet frozen.
            if not Campaign.objects.sending().select_for_update().filter(pk=campaign.pk).exists():
                return False
            freeze(campaign)
    except CompositionError as error:
        # What was valid when it was scheduled no longer is, such as a layout edited since.
        campaign.pause(str(error))
        return False
    if not campaign.editions.exists():
        campaign.pause(_("The campaign has no contents."))
        return False
    return True


def plan_range(campaign: Campaign) -> bool:
    """Deliveries for the next people in key order, in one commit with the cursor; True after the last.

    After a crash nothing of the range is there; a second worker waits for the campaign's row and takes the next range.
    Suppressed people get a row like everybody: who is not wanted is asked when a mail is about to leave.
    """
    with transaction.atomic():
        locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if locked.planned_at or locked.status not in {Campaign.Status.SENDING, Campaign.Status.PAUSED}:
            return True
        if locked.canary and locked.canary_at is None and locked.released_at is None:
            canary.choose(locked)
        division = Division(locked)
        among = _next_range(locked.plan_cursor)
        groups = snapshot.read(locked, among, division)
        if groups:
            snapshot.insert(locked, among, division, groups)
        if is_last := len(among) < RANGE:
            locked.planned_at = timezone.now()
        locked.plan_cursor = max(locked.plan_cursor, among.stop - 1)
        # Counted, not added up: whoever left the list at this moment was read and not inserted.
        people = sum(group.people for group in groups)
        locked.planned = locked.deliveries.count() if is_last else (locked.planned or 0) + people
        locked.save(update_fields=["plan_cursor", "planned", "planned_at", "canary_at", "canary_to", "released_at"])
    if is_last:
        _tell_planner()
    return is_last


def _next_range(cursor: int) -> range:
    """Empty after the last."""
    numbers = Subscriber.objects.filter(pk__gt=cursor).aggregate(first=Min("pk"), last=Max("pk"))
    first, last = numbers["first"] or 0, numbers["last"] or -1
    return range(first, min(first + RANGE, last + 1))


def _tell_planner() -> None:
    """PostgreSQL looks by itself within minutes; until then it would read a table that it thinks is small."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE campaigns_delivery, campaigns_batch")
