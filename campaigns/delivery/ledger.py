"""Writes what became of each try: the row of the mail, one line of the send log, and what follows from it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.delivery import prepared
from campaigns.delivery.batches import first_due
from campaigns.delivery.desk import Mail
from campaigns.delivery.replies import Outcome
from campaigns.models import Attempt, Batch, Campaign, Delivery
from subscribers.models import Suppression

Kind = Attempt.Outcome
Status = Delivery.Status

# After that many temporary failures a mail has failed; with five minutes first that is ten hours later.
MOST_TRIES = 8
LONGEST_DELAY = timedelta(hours=6)


class Tried(NamedTuple):
    """One try of one mail, not yet written down."""

    mail: Mail
    outcome: Outcome
    tried_at: datetime


class Entry(NamedTuple):
    """What a row of the ledger becomes. Fields that are None stay as they are."""

    number: int
    status: str
    reason: str = ""
    due_at: datetime | None = None
    tries: int | None = None
    edition: int | None = None
    email: str | None = None


class Line(NamedTuple):
    """One line of the send log, an Attempt."""

    number: int
    transport: int | None
    outcome: str
    code: int | None
    answer: str
    duration_ms: int | None
    tried_at: datetime


ENTRIES = prepared.Table(
    "told",
    number="bigint",
    status="text",
    reason="text",
    due_at="timestamptz",
    tries="smallint",
    edition="bigint",
    email="text",
)
LINES = prepared.Table(
    "line",
    number="bigint",
    transport="bigint",
    outcome="text",
    code="smallint",
    answer="text",
    duration_ms="integer",
    tried_at="timestamptz",
)


def record(tried: Sequence[Tried], transport: int | None) -> None:
    """Write each try once, however often this is repeated, and draw the consequences. Call it in a transaction."""
    if not tried:
        return
    written = write([_entry(one) for one in tried])
    fresh = [one for one in tried if one.mail.number in written]
    log([_line(one, transport) for one in fresh])
    for one in fresh:
        if one.outcome.kind != Kind.ACCEPTED:
            _follow_up(one)


def write(entries: Sequence[Entry]) -> set[int]:
    """The numbers of those that were still open. A lease may have run out meanwhile: what we know is better."""
    if not entries:
        return set()
    now = prepared.connection.ops.adapt_datetimefield_value(timezone.now())
    return {number for (number,) in prepared.run(_write(), [now, *ENTRIES.parameters(entries)])}


def log(lines: Sequence[Line]) -> None:
    if lines:
        prepared.run(_log(), LINES.parameters(lines))


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
        batches = set(again.values_list("batch", flat=True))
        rows = again.update(status=Status.QUEUED, reason="", due_at=timezone.now(), finished_at=None)
        Batch.objects.filter(pk__in=batches).update(due_at=first_due())
        for campaign in campaigns:
            campaign.reopen()
    return rows


def retry_delay(tries: int) -> timedelta:
    """Twice as long each time, give or take a quarter, so that what failed together does not return together."""
    seconds = settings.RETRY_SECONDS * 2 ** (tries - 1) * random.uniform(0.75, 1.25)
    return min(timedelta(seconds=seconds), LONGEST_DELAY)


def _entry(tried: Tried) -> Entry:
    mail, outcome = tried.mail, tried.outcome
    number, tries, words = mail.number, mail.tries + 1, outcome.answer[:250]
    match outcome.kind:
        case Kind.ACCEPTED:
            edition = mail.edition.pk if mail.edition else None
            return Entry(number, Status.SENT, tries=tries, edition=edition, email=mail.recipient.email)
        case Kind.DEFERRED if tries < MOST_TRIES:
            return Entry(number, Status.QUEUED, words, timezone.now() + retry_delay(tries), tries)
        case Kind.REJECTED if not outcome.names_recipient:
            return Entry(number, Status.QUEUED)
        case Kind.REJECTED if not _was_rejected_before(number):
            # Staff see to it and resume. If this mail is then rejected again, it fails and the others go on.
            return Entry(number, Status.QUEUED, words)
        case Kind.UNAVAILABLE:
            return Entry(number, Status.QUEUED)
        case Kind.UNKNOWN:
            return Entry(number, Status.UNCERTAIN, words, tries=tries)
    return Entry(number, Status.FAILED, words, tries=tries)


def _was_rejected_before(number: int) -> bool:
    return Attempt.objects.filter(delivery=number, outcome=Kind.REJECTED).exists()


def _follow_up(tried: Tried) -> None:
    mail, outcome = tried.mail, tried.outcome
    if outcome.address_is_dead:
        Suppression.objects.add(mail.recipient.email, Suppression.Reason.BOUNCED, note=outcome.answer[:250])
    if outcome.kind == Kind.REJECTED:
        waiting = Delivery.objects.queued().filter(pk=mail.number).select_related("campaign").first()
        if waiting and waiting.campaign:
            waiting.campaign.pause(_("The server rejects our mail: %(answer)s") % {"answer": outcome.answer})


def _line(tried: Tried, transport: int | None) -> Line:
    outcome = tried.outcome
    return Line(
        tried.mail.number,
        transport,
        outcome.kind,
        outcome.code,
        outcome.answer,
        outcome.duration_ms,
        tried.tried_at,
    )


def _write() -> str:
    return f"""
        UPDATE campaigns_delivery SET
            status = told.status, reason = told.reason,
            due_at = COALESCE(told.due_at, campaigns_delivery.due_at),
            tries = COALESCE(told.tries, campaigns_delivery.tries),
            edition_id = COALESCE(told.edition, campaigns_delivery.edition_id),
            email = COALESCE(told.email, campaigns_delivery.email),
            finished_at = CASE WHEN told.status = 'queued' THEN NULL ELSE %s END
        FROM {ENTRIES.source}
        WHERE campaigns_delivery.id = told.number AND campaigns_delivery.status IN ('queued', 'uncertain')
        RETURNING id"""


def _log() -> str:
    return f"""
        INSERT INTO campaigns_attempt (delivery_id, transport_id, outcome, code, answer, duration_ms, tried_at)
        SELECT number, transport, outcome, code, answer, duration_ms, tried_at FROM {LINES.source}"""
