"""Starts campaigns that are due, and gives everybody in their audience a delivery."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import audience, waves
from campaigns.composition.compile import CompositionError, freeze
from campaigns.delivery import canary, snapshot, stretches
from campaigns.delivery.shares import Division
from campaigns.models import Campaign

logger = logging.getLogger(__name__)

# Numbers of people per commit: some hundred milliseconds of work, repeated after a crash.
RANGE = 50_000
UNDER_WAY = frozenset({Campaign.Status.SENDING, Campaign.Status.PAUSED})


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
    """Plan stretch after stretch for about that long."""
    end = time.monotonic() + seconds
    for campaign in Campaign.objects.unplanned():
        try:
            if not _plan_until(end, campaign):
                return
        except DatabaseError:
            raise
        except Exception as error:
            # Whatever is wrong with one campaign must not stop the others, nor be tried each second for ever.
            logger.exception("Campaign %s cannot be planned.", campaign.pk)
            campaign.pause(f"{type(error).__name__}: {error}")


def _plan_until(end: float, campaign: Campaign) -> bool:
    """False if the time is over. Lays out the first stretches; of many the database plans two at once."""
    if not is_frozen(campaign) or not (campaign.stretches.unplanned().exists() or _has_more(campaign)):
        return True
    if not stretches.can_be_shared(campaign):
        return _plan_rest(end, campaign)
    with ThreadPoolExecutor(1) as pool:
        helped = pool.submit(_help, end, campaign)
        is_done = _plan_rest(end, campaign)
    return helped.result() and is_done


def _help(end: float, campaign: Campaign) -> bool:
    try:
        return _plan_rest(end, campaign)
    finally:
        connection.close()


def _plan_rest(end: float, campaign: Campaign) -> bool:
    """At least one stretch."""
    while is_frozen(campaign) and not plan_range(campaign):
        if time.monotonic() > end:
            return False
    return True


def is_frozen(campaign: Campaign) -> bool:
    """Whether contents and segments are stored as they will be used; stores them, or pauses and says why."""
    if problems := audience.unreadable(campaign):
        # Such as a rule that asks for an attribute which is gone: whoever it would leave out must not be mailed.
        campaign.pause("\n".join(problems))
        return False
    if campaign.editions.exists():
        return True
    try:
        with transaction.atomic():
            # Locked, because it may just have been taken back: what a draft says is not yet frozen.
            if not Campaign.objects.sending().select_for_update().filter(pk=campaign.pk).exists():
                return False
            audience.freeze(campaign)
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
    """Deliveries for the next people whom nobody else plans; True if there are none."""
    return not (_plan_stretch(campaign) or (_has_more(campaign) and _plan_stretch(campaign)))


def _plan_stretch(campaign: Campaign) -> bool:
    """In one commit. After a crash none of its mails is there, and it is anybody's.

    Suppressed people get a row like everybody: who is not wanted is asked when a mail is about to leave.
    """
    with transaction.atomic():
        _hurry()
        stretch = stretches.claim(campaign)
        if stretch is None:
            return False
        # Read when the stretch is ours: who takes a campaign back or releases it waits for those who plan.
        with_lists = Campaign.objects.select_related("sender").prefetch_related("mailing_lists", "excluded_lists")
        current = with_lists.get(pk=campaign.pk)
        stretch.mails = 0
        if current.status in UNDER_WAY:
            division = Division(current)
            if (crowd := snapshot.read(current, stretch.numbers, division)).people:
                stretch.mails = snapshot.insert(current, stretch.numbers, division, crowd)
        stretch.save(update_fields=["mails"])
    return True


def _hurry() -> None:
    """A commit that a crash of PostgreSQL takes back is planned anew, so this transaction does not wait for the disk.

    Whoever hands these mails over does, and what is committed later is never kept without what was before it.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SET LOCAL synchronous_commit = off; SET LOCAL work_mem = '32MB'; SET LOCAL jit = off;"
                # Whose numbers follow each other mostly lie together, so they are read in order rather than sorted.
                " SET LOCAL random_page_cost = 1.1"
            )


def _has_more(campaign: Campaign) -> bool:
    """Lays more people out; if all are and nobody is at work any more, the audience is complete."""
    with transaction.atomic():
        # Not the key of the row, which those who plan need for their batches.
        waiting = Campaign.objects.unplanned().select_for_update(no_key=True)
        locked = waiting.filter(pk=campaign.pk).first()
        if locked is None:
            return False
        if locked.canary and locked.canary_at is None and locked.released_at is None:
            canary.choose(locked)
        has_more = stretches.lay_out(locked, RANGE)
        if is_complete := not has_more and not locked.stretches.unplanned().exists():
            locked.planned = locked.stretches.aggregate(mails=Sum("mails", default=0))["mails"]
            locked.planned_at = timezone.now()
            locked.stretches.all().delete()
        locked.save(update_fields=["plan_cursor", "planned", "planned_at", "canary_at", "canary_to", "released_at"])
    if is_complete:
        _tell_planner()
    return has_more


def _tell_planner() -> None:
    """PostgreSQL looks closely by itself within minutes; until then it would read a table that it thinks is small.

    To look at some columns does not put that off.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SET LOCAL default_statistics_target = 20; ANALYZE campaigns_batch,"
                " campaigns_delivery (campaign_id, subscriber_id, batch_id, edition_id, status, due_at)"
            )
