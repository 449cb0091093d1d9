"""Continues what a crash or a cancellation left behind, and ends campaigns that are done."""

from __future__ import annotations

import logging
import time

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Exists, Max, OuterRef
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import reports
from campaigns.delivery import batches, owners, slots
from campaigns.delivery.deadlocks import DEADLOCK, LOCK_TIMEOUT
from campaigns.models import Attempt, Batch, Campaign, Delivery, Slot, Stretch
from campaigns.prepared import update_returning

Status = Delivery.Status

logger = logging.getLogger(__name__)

# Rows per commit.
MOST = 1000
# The sweeper locks in another order than lanes do. It gives way before PostgreSQL would end one that is at work, which
# looks for those that wait for each other after a second.
GIVES_WAY = "SET LOCAL lock_timeout = '400ms'"
# A campaign that does not add up is counted again after so long, and after twice as long each time.
RECOUNT_SECONDS = 10.0
LONGEST_RECOUNT_SECONDS = 600.0

# By campaign, not before which time.monotonic() to count again, and how long that was.
_recounts: dict[int, tuple[float, float]] = {}


def settle_lost_lanes() -> None:
    """What a lost lane had on its wires is uncertain and named; the rest of its batches waits again."""
    leases = Slot.objects.exclude(owner="").order_by().values("owner").annotate(until=Max("leased_until"))
    held = dict(leases.values_list("owner", "until"))
    gone = {owner for owner in held if owners.is_gone(owner)}
    if len(gone) < len(held) and not has_just_started():
        gone |= set(leases.filter(until__lt=Now()).values_list("owner", flat=True))
    slot = Slot.objects.filter(owner=OuterRef("owner"))
    # Their slots went with their transport.
    stray = Batch.objects.exclude(owner="").filter(~Exists(slot))
    for owner in gone | set(stray.values_list("owner", flat=True)):
        try:
            settle(owner)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in {LOCK_TIMEOUT, DEADLOCK}:
                raise
            # Perhaps it lives after all and writes down what it knows. We look again in a second.
            logger.warning("A lane that seemed lost is at work: %s.", owner)


def settle(owner: str) -> None:
    """What it had on its wires and did not write down is uncertain."""
    lost = _("The worker ended while the mail was on the wire.")
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(GIVES_WAY)
        # Locked, so that the lane, if it lives after all, waits and then finds that it lost them.
        taken = list(Slot.objects.select_for_update().filter(owner=owner))
        numbers = [number for slot in taken for number in slot.window]
        doubtful = update_returning(
            Delivery.objects.queued().filter(pk__in=numbers),
            status=Status.UNCERTAIN,
            reason=lost,
            finished_at=timezone.now(),
        )
        Attempt.objects.bulk_create(
            Attempt(delivery_id=number, outcome=Attempt.Outcome.UNKNOWN, answer=lost) for number in doubtful
        )
        batches.renew(Batch.objects.filter(owner=owner), owner="")
        slots.leave(owner)
    logger.warning("A lane is lost: %s. %d mails are uncertain.", owner, len(doubtful))


def has_just_started() -> bool:
    """Lanes that outlive an outage of the database write down first what they know."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp() < pg_postmaster_start_time() + make_interval(secs => %s)",
            [settings.LEASE_SECONDS],
        )
        (answer,) = cursor.fetchone()
    return bool(answer)


def skip_cancelled() -> None:
    """Name those whom a cancelled campaign does not reach."""
    free = Batch.objects.unfinished().filter(campaign=OuterRef("pk"), owner="")
    stretches = Stretch.objects.filter(campaign=OuterRef("pk"))
    for campaign in Campaign.objects.filter(Exists(free) | Exists(stretches), status=Campaign.Status.CANCELLED):
        campaign.stretches.all().delete()
        # What a lane has in its hands is on a wire or about to be put back.
        waiting = Delivery.objects.waiting_of(campaign).filter(batch__owner="")
        rows = waiting.order_by().values("pk")[:MOST]
        while (
            Delivery.objects.queued()
            .filter(pk__in=rows)
            .update(status=Status.SKIPPED, reason=Delivery.Skip.CANCELLED, finished_at=timezone.now())
        ):
            pass
        Batch.objects.filter(campaign=campaign, owner="").update(due_at=None)


def finish_done() -> None:
    # Not the mails themselves: to find out that none of many millions waits would take long.
    unfinished = Batch.objects.unfinished().filter(campaign=OuterRef("pk"))
    done = Campaign.objects.sending().filter(~Exists(unfinished), planned_at__isnull=False, welcomes=None)
    for campaign in done:
        if time.monotonic() >= _recounts.get(campaign.pk, (0.0, 0.0))[0]:
            _finish(campaign)


def _finish(campaign: Campaign) -> None:
    with transaction.atomic():
        # Locked, and asked again: staff may be sending uncertain mails once more at this moment.
        locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
        sums = reports.ledger(locked)
        if sums.waiting:
            return
        if not sums.adds_up:
            logger.error("Campaign %s does not add up: %s", campaign.pk, sums)
            _, waited = _recounts.get(campaign.pk, (0.0, RECOUNT_SECONDS / 2))
            patience = min(2 * waited, LONGEST_RECOUNT_SECONDS)
            _recounts[campaign.pk] = time.monotonic() + patience, patience
            return
        _recounts.pop(campaign.pk, None)
        locked.finish()
