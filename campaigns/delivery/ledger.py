"""Writes what became of each try: the row of the mail, one line of the send log, and what follows from it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.delivery.replies import Outcome
from campaigns.delivery.returning import Blanks, PreparedUpdate, update_returning
from campaigns.models import Attempt, Campaign, Delivery, Transport
from subscribers.models import Suppression

Kind = Attempt.Outcome
Status = Delivery.Status

# After that many temporary failures a mail has failed; with five minutes first that is ten hours later.
MOST_TRIES = 8
LONGEST_DELAY = timedelta(hours=6)
# Stands in a prepared statement for the lane that runs it.
OWNER = "owner"


@dataclass(frozen=True)
class Tried:
    """One try of one delivery, not yet written down."""

    delivery: Delivery
    outcome: Outcome
    tried_at: datetime


def record(tried: Sequence[Tried], owner: str, transport: Transport | None) -> None:
    """Write each try once, however often this is repeated: a row that is no longer the owner's is left alone."""
    if not tried:
        return
    with transaction.atomic():
        accepted = [one.delivery.pk for one in tried if one.outcome.kind == Kind.ACCEPTED]
        written = _accept(accepted, owner)
        for one in tried:
            if one.outcome.kind != Kind.ACCEPTED and _settle_other(one, owner):
                written.add(one.delivery.pk)
        Attempt.objects.bulk_create(_line(one, transport) for one in tried if one.delivery.pk in written)


def confirm_sent(delivery_ids: Iterable[int]) -> int:
    """Staff know that these uncertain mails arrived."""
    uncertain = Delivery.objects.filter(pk__in=delivery_ids, status=Status.UNCERTAIN)
    return uncertain.update(status=Status.SENT, reason="", finished_at=timezone.now())


def send_again(delivery_ids: Iterable[int]) -> int:
    """Staff want these uncertain mails sent once more, at the risk of a second copy."""
    with transaction.atomic():
        uncertain = Delivery.objects.filter(
            pk__in=delivery_ids,
            status=Status.UNCERTAIN,
            subscriber__isnull=False,
            campaign__status__in=[Campaign.Status.SENDING, Campaign.Status.PAUSED, Campaign.Status.SENT],
        )
        numbers = uncertain.order_by().values_list("campaign", flat=True).distinct()
        # Locked first, so that a campaign is not declared sent while mails of it return to the queue.
        campaigns = list(Campaign.objects.select_for_update().filter(pk__in=list(numbers)).order_by("pk"))
        again = Delivery.objects.filter(pk__in=list(uncertain.values_list("pk", flat=True)), status=Status.UNCERTAIN)
        rows = again.update(
            status=Status.QUEUED, reason="", owner="", leased_until=None, due_at=timezone.now(), finished_at=None
        )
        for campaign in campaigns:
            campaign.reopen()
    return rows


def retry_delay(tries: int) -> timedelta:
    """Twice as long each time, give or take a quarter, so that what failed together does not return together."""
    seconds = settings.RETRY_SECONDS * 2 ** (tries - 1) * random.uniform(0.75, 1.25)
    return min(timedelta(seconds=seconds), LONGEST_DELAY)


def _accept(deliveries: list[int], owner: str) -> set[int]:
    """The usual outcome, and so the one that must be quick."""
    written: set[int] = set()
    for start in range(0, len(deliveries), settings.HAND_OVER):
        blanks, update = _acceptance(settings.HAND_OVER)
        values = blanks.filled_with(deliveries[start : start + settings.HAND_OVER])
        written.update(update.run({OWNER: owner, **values}))
    return written


@cache
def _acceptance(size: int) -> tuple[Blanks, PreparedUpdate]:
    blanks = Blanks(size, first=1)
    changes = {"tries": F("tries") + 1, "owner": "", "leased_until": None, "reason": "", "finished_at": Now()}
    return blanks, PreparedUpdate(_known_to(OWNER, blanks.numbers), status=Status.SENT, **changes)


def _known_to(owner: str, deliveries: list[int]) -> QuerySet[Delivery]:
    """The rows that are still the owner's. A lease may have run out meanwhile: what we know is better."""
    statuses = [Status.CLAIMED, Status.SENDING, Status.UNCERTAIN]
    return Delivery.objects.filter(pk__in=deliveries, owner=owner, status__in=statuses)


def _settle(deliveries: list[int], owner: str, status: str, **changes: object) -> list[int]:
    ended = {} if status == Status.QUEUED else {"finished_at": timezone.now()}
    changes = {"status": status, "owner": "", "leased_until": None, "reason": "", **ended, **changes}
    return update_returning(_known_to(owner, deliveries), **changes)


def _settle_other(tried: Tried, owner: str) -> bool:
    delivery, outcome = tried.delivery, tried.outcome
    status, changes = _consequence(delivery, outcome)
    if not _settle([delivery.pk], owner, status, **changes):
        return False
    if outcome.address_is_dead:
        Suppression.objects.add(delivery.email, Suppression.Reason.BOUNCED, note=outcome.answer[:250])
    if outcome.kind == Kind.REJECTED and status == Status.QUEUED and delivery.campaign:
        delivery.campaign.pause(_("The server rejects our mail: %(answer)s") % {"answer": outcome.answer})
    return True


def _consequence(delivery: Delivery, outcome: Outcome) -> tuple[str, dict[str, object]]:
    tries, words = delivery.tries + 1, outcome.answer[:250]
    match outcome.kind:
        case Kind.DEFERRED if tries < MOST_TRIES:
            return Status.QUEUED, {"tries": tries, "due_at": timezone.now() + retry_delay(tries), "reason": words}
        case Kind.REJECTED if not outcome.names_recipient:
            return Status.QUEUED, {}
        case Kind.REJECTED if not delivery.attempts.filter(outcome=Kind.REJECTED).exists():
            # Staff see to it and resume. If this mail is then rejected again, it fails and the others go on.
            return Status.QUEUED, {"due_at": timezone.now(), "reason": words}
        case Kind.UNAVAILABLE:
            return Status.QUEUED, {}
        case Kind.UNKNOWN:
            return Status.UNCERTAIN, {"reason": words}
    return Status.FAILED, {"tries": F("tries") + 1, "reason": words}


def _line(tried: Tried, transport: Transport | None) -> Attempt:
    outcome = tried.outcome
    return Attempt(
        delivery=tried.delivery,
        transport=transport,
        outcome=outcome.kind,
        code=outcome.code,
        answer=outcome.answer,
        duration_ms=outcome.duration_ms,
        tried_at=tried.tried_at,
    )
