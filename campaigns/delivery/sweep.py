"""Continues what a crash or a cancellation left behind, and ends campaigns that are done."""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import reports
from campaigns.delivery.returning import update_returning
from campaigns.models import Attempt, Campaign, Delivery

Status = Delivery.Status

logger = logging.getLogger(__name__)

# Rows per commit.
MOST = 1000


def requeue_abandoned() -> None:
    """What a lost worker had not begun waits again; what it had on the wire is uncertain and named."""
    abandoned = Delivery.objects.abandoned()
    if not abandoned.exists():
        return
    lost = _("The worker ended while the mail was on the wire.")
    abandoned.filter(status=Status.CLAIMED).update(status=Status.QUEUED, owner="", leased_until=None)
    with transaction.atomic():
        # The owner stays: if it is alive after all, it knows better and may still say so.
        doubtful = update_returning(
            abandoned.filter(status=Status.SENDING),
            status=Status.UNCERTAIN,
            leased_until=None,
            reason=lost,
            finished_at=timezone.now(),
        )
        Attempt.objects.bulk_create(
            Attempt(delivery_id=number, outcome=Attempt.Outcome.UNKNOWN, answer=lost) for number in doubtful
        )


def skip_cancelled() -> None:
    """Name those whom a cancelled campaign does not reach."""
    waiting = Delivery.objects.filter(status__in=[Status.QUEUED, Status.CLAIMED])
    of_this = waiting.filter(campaign=OuterRef("pk"))
    for campaign in Campaign.objects.filter(Exists(of_this), status=Campaign.Status.CANCELLED):
        rows = waiting.filter(campaign=campaign).order_by().values("pk")[:MOST]
        while Delivery.objects.filter(pk__in=rows, status__in=[Status.QUEUED, Status.CLAIMED]).update(
            status=Status.SKIPPED,
            reason=Delivery.Skip.CANCELLED,
            owner="",
            leased_until=None,
            finished_at=timezone.now(),
        ):
            pass


def finish_done() -> None:
    unfinished = Delivery.objects.open().filter(campaign=OuterRef("pk"))
    for campaign in Campaign.objects.sending().filter(~Exists(unfinished), planned_at__isnull=False):
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
            return
        locked.finish()
