"""Writes what became of each try: the row of the mail, one line of the send log, and what follows from it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import prepared
from campaigns.delivery import domains, slots
from campaigns.delivery.batches import renew
from campaigns.delivery.deadlocks import tries_again
from campaigns.delivery.desk import Mail
from campaigns.delivery.replies import Outcome
from campaigns.models import Attempt, Batch, Campaign, Delivery, RecipientDomain, clock
from subscribers.models import Suppression

Kind = Attempt.Outcome
Status = Delivery.Status

# After that many temporary failures a mail has failed; with five minutes first that is ten hours later.
MOST_TRIES = 8
LONGEST_DELAY = timedelta(hours=6)
# So long a mail waits for a domain whose servers want a rest again and again; then its tries count.
LONGEST_WAIT = timedelta(days=2)


class Tried(NamedTuple):
    """One try of one mail, not yet written down."""

    mail: Mail
    outcome: Outcome
    tried_at: datetime


# What a row of the ledger becomes; what is null stays as it is. And the line of the send log that says why.
TOLD = prepared.Table(
    "told",
    number="bigint",
    status="text",
    reason="text",
    due_at="timestamptz",
    tries="smallint",
    edition="bigint",
    email="text",
    finished_at="timestamptz",
    outcome="text",
    code="smallint",
    answer="text",
    duration_ms="integer",
    tried_at="timestamptz",
)
Entry: TypeAlias = dict[str, Any]


def record(tried: Sequence[Tried], transport: int | None, watched: Mapping[str, RecipientDomain] | None = None) -> None:
    """Write each try once, however often this is repeated, and draw the consequences. Call it in a transaction."""
    if not (tried := _unwritten(tried)):
        return
    rests = domains.react(tried, watched or {})
    now = clock.now()
    # Of two tries of one mail the last counts.
    entries = {one.mail.number: _entry(one, rests, now) | _line(one) for one in tried}
    written = _write_and_log([*entries.values()], transport)
    fresh = [one for one in tried if one.mail.number in written]
    for one in fresh:
        if one.outcome.kind != Kind.ACCEPTED:
            _follow_up(one)


def record_late(
    tried: Sequence[Tried], transport: int | None, watched: Mapping[str, RecipientDomain] | None = None
) -> None:
    """When the batches may be somebody else's by now and the campaigns done. Call it in a transaction."""
    numbers = [one.mail.number for one in tried if one.outcome.kind != Kind.ACCEPTED]
    concerned = Delivery.objects.filter(pk__in=numbers, campaign__isnull=False).order_by().values("campaign")
    # Locked first, so that a campaign is not declared sent while mails of it return to the queue.
    campaigns = Campaign.objects.select_for_update().filter(pk__in=concerned).order_by("pk") if numbers else []
    held = {campaign.pk: campaign for campaign in campaigns}
    record(tried, transport, watched)
    again = Delivery.objects.queued().filter(pk__in=numbers).order_by()
    for number in again.filter(campaign__in=held).values_list("campaign", flat=True).distinct():
        held[number].reopen()
    renew(Batch.objects.filter(pk__in=list(again.values_list("batch", flat=True).distinct())))


def skip(reasons: Mapping[int, str]) -> None:
    """By mail, why nobody is mailed."""
    entry = {"status": Status.SKIPPED, "finished_at": timezone.now()}
    write([entry | {"number": number, "reason": reason} for number, reason in reasons.items()])


def write(entries: Sequence[Entry]) -> set[int]:
    """The numbers of those that were still open. A lease may have run out meanwhile: what we know is better."""
    return {number for (number,) in prepared.run(_write(TOLD.source), _told(entries))} if entries else set()


def _write_and_log(entries: Sequence[Entry], transport: int | None) -> set[int]:
    """Likewise, with a line of the send log for each of them; PostgreSQL does both in one go."""
    if connection.vendor == "postgresql":
        logged = prepared.run(_write_and_log_at_once(), [*_told(entries), transport])
        return {number for (number,) in logged}
    if written := write(entries):
        told = TOLD.parameter([entry for entry in entries if entry["number"] in written])
        prepared.run(_log(TOLD.source), [transport, told])
    return written


def record_and_hand_over(
    tried: Sequence[Tried],
    transport: int | None,
    owner: str,
    windows: slots.Windows,
    *,
    meanwhile: Callable[[], None],
) -> None:
    """All that a round writes in which every mail was accepted and nothing is limited, in one statement of PostgreSQL.

    It is a transaction of its own. Raises Lost; then the mails are written down, and none is on a wire.
    """
    now = clock.now()
    entries = {one.mail.number: _entry(one, {}, now) | _line(one) for one in tried}
    parameters = [*_told([*entries.values()]), transport, *slots.told(owner, windows)]
    slots.expect(len(windows), prepared.run(_record_and_put(), parameters, meanwhile))


def _told(entries: Sequence[Entry]) -> list[str]:
    return [TOLD.parameter(entries), json.dumps([entry["number"] for entry in entries])]


@tries_again
def confirm_sent(delivery_ids: Iterable[int] | QuerySet[Delivery, Any]) -> int:
    """Staff know that these uncertain mails arrived."""
    uncertain = Delivery.objects.filter(pk__in=delivery_ids, status=Status.UNCERTAIN)
    return uncertain.update(status=Status.SENT, reason="", finished_at=timezone.now())


@tries_again
def send_again(delivery_ids: Iterable[int] | QuerySet[Delivery, Any]) -> int:
    """Staff want these uncertain mails sent once more, at the risk of a second copy."""
    with transaction.atomic():
        going = [Campaign.Status.SENDING, Campaign.Status.PAUSED, Campaign.Status.SENT]
        uncertain = Delivery.objects.filter(
            Q(subscriber__isnull=False, campaign__status__in=going)
            | Q(copy_of__isnull=False, copy_of__emptied_at=None),
            pk__in=delivery_ids,
            status=Status.UNCERTAIN,
        )
        numbers = uncertain.order_by().values_list("campaign", flat=True).distinct()
        # Locked first, so that a campaign is not declared sent while mails of it return to the queue.
        campaigns = list(Campaign.objects.select_for_update().filter(pk__in=list(numbers)).order_by("pk"))
        batches = list(uncertain.order_by().values_list("batch", flat=True).distinct())
        # There may be any number, so they are not fetched. Of one that is just found to have arrived, only the row
        # itself tells, not the list.
        again = Delivery.objects.filter(pk__in=uncertain.order_by().values("pk"), status=Status.UNCERTAIN)
        rows = again.update(status=Status.QUEUED, reason="", due_at=Now(), finished_at=None)
        renew(Batch.objects.filter(pk__in=batches))
        for campaign in campaigns:
            campaign.reopen()
    return rows


def retry_delay(tries: int) -> timedelta:
    """Twice as long each time, give or take a quarter, so that what failed together does not return together."""
    seconds = settings.RETRY_SECONDS * 2 ** (tries - 1) * random.uniform(0.75, 1.25)
    return min(timedelta(seconds=seconds), LONGEST_DELAY)


def _unwritten(tried: Sequence[Tried]) -> list[Tried]:
    """Without those that a commit wrote of which nobody heard. Of an accepted mail its own row tells."""
    numbers = [one.mail.number for one in tried if one.outcome.kind != Kind.ACCEPTED]
    lines = Attempt.objects.filter(delivery__in=numbers).values_list("delivery", "tried_at") if numbers else []
    written = set(lines)
    return [one for one in tried if (one.mail.number, one.tried_at) not in written]


def _entry(tried: Tried, rests: Mapping[str, datetime], now: datetime) -> Entry:
    mail, outcome, tries = tried.mail, tried.outcome, tried.mail.tries + 1
    entry = {"number": mail.number, "reason": outcome.answer[:250]}
    match outcome.kind:
        case Kind.ACCEPTED:
            sent = {"status": Status.SENT, "reason": "", "tries": tries, "finished_at": now}
            sent["email"] = mail.recipient.email
            return entry | sent | ({"edition": mail.edition.id} if mail.edition else {})
        case Kind.DEFERRED if mail.domain in rests and not _has_waited_long(mail):
            # It waits with all others to its domain, and that is not its fault.
            return entry | {"status": Status.QUEUED, "tries": max(1, mail.tries), "due_at": rests[mail.domain]}
        case Kind.DEFERRED | Kind.REJECTED if tries < MOST_TRIES and _comes_back(tried):
            return entry | {"status": Status.QUEUED, "tries": tries, "due_at": now + retry_delay(tries)}
        case Kind.REJECTED if mail.copy_of:
            pass
        case Kind.REJECTED if not outcome.names_recipient:
            return entry | {"status": Status.QUEUED, "reason": ""}
        case Kind.REJECTED if not _was_rejected_before(tried):
            # Staff see to it and resume. If this mail is then rejected again, it fails and the others go on.
            return entry | {"status": Status.QUEUED}
        case Kind.UNAVAILABLE:
            return entry | {"status": Status.QUEUED, "reason": ""}
        case Kind.UNKNOWN:
            return entry | {"status": Status.UNCERTAIN, "tries": tries, "finished_at": now}
    return entry | {"status": Status.FAILED, "tries": tries, "finished_at": now}


def _comes_back(tried: Tried) -> bool:
    """By itself, after a while. Of mails that no campaign can pause, also those that a server did not hear of."""
    is_unheard = tried.mail.copy_of is not None and not tried.outcome.names_recipient
    return tried.outcome.kind == Kind.DEFERRED or is_unheard


def _has_waited_long(mail: Mail) -> bool:
    first = Attempt.objects.filter(delivery=mail.number, tried_at__lt=timezone.now() - LONGEST_WAIT)
    return mail.tries > 0 and first.exists()


def _was_rejected_before(tried: Tried) -> bool:
    """This try itself may be written already, if nobody heard that the commit succeeded."""
    earlier = Attempt.objects.filter(delivery=tried.mail.number, outcome=Kind.REJECTED, tried_at__lt=tried.tried_at)
    return earlier.exists()


def _follow_up(tried: Tried) -> None:
    mail, outcome = tried.mail, tried.outcome
    if outcome.address_is_dead:
        Suppression.objects.add(mail.recipient.email, Suppression.Reason.BOUNCED, note=outcome.answer[:250])
    if outcome.kind == Kind.REJECTED:
        waiting = Delivery.objects.queued().filter(pk=mail.number).select_related("campaign").first()
        if waiting and waiting.campaign:
            waiting.campaign.pause(_("The server rejects our mail: %(answer)s") % {"answer": outcome.answer})


def _line(tried: Tried) -> Entry:
    outcome = tried.outcome
    return {
        "outcome": outcome.kind,
        "code": outcome.code,
        "answer": outcome.answer,
        "duration_ms": outcome.duration_ms,
        "tried_at": tried.tried_at,
    }


@cache
def _write_and_log_at_once() -> str:
    return f"""
        WITH told AS (SELECT * FROM {TOLD.source}), written AS ({_write("told")})
        {_log("told")} WHERE number IN (SELECT id FROM written) RETURNING delivery_id"""


@cache
def _record_and_put() -> str:
    return f"""
        WITH told AS (SELECT * FROM {TOLD.source}), written AS ({_write("told")}),
            logged AS ({_log("told")} WHERE number IN (SELECT id FROM written))
        {slots.put()}"""


@cache
def _write(told: str) -> str:
    # PostgreSQL is to find the rows by their numbers, whatever it believes about how many are queued.
    among = "IN (SELECT value FROM json_each(%s))"
    if connection.vendor == "postgresql":
        among = "= ANY(translate(%s, '[]', '{}')::bigint[])"
    return f"""
        UPDATE campaigns_delivery SET
            status = told.status, reason = COALESCE(told.reason, ''),
            due_at = COALESCE(told.due_at, campaigns_delivery.due_at),
            tries = COALESCE(told.tries, campaigns_delivery.tries),
            edition_id = COALESCE(told.edition, campaigns_delivery.edition_id),
            -- Whoever was erased meanwhile stays so.
            email = CASE campaigns_delivery.email WHEN '' THEN ''
                ELSE COALESCE(told.email, campaigns_delivery.email) END,
            finished_at = told.finished_at
        FROM {told}
        WHERE campaigns_delivery.id = told.number
            AND campaigns_delivery.id {among}
            AND campaigns_delivery.status || '' IN ('queued', 'uncertain')
        RETURNING id"""


@cache
def _log(told: str) -> str:
    return f"""
        INSERT INTO campaigns_attempt (delivery_id, transport_id, outcome, code, answer, duration_ms, tried_at)
        SELECT number, CAST(%s AS bigint), outcome, code, COALESCE(answer, ''), duration_ms, tried_at FROM {told}"""
