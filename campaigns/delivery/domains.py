"""Rests the recipients' domains that ask for it, and calls back what waits for one that staff woke up."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from campaigns.delivery.batches import renew
from campaigns.delivery.desk import Mail
from campaigns.delivery.replies import Kind, Outcome
from campaigns.models import Batch, Delivery, RecipientDomain, clock

# Batches per commit.
MOST = 20
# After all have been looked at; what lanes had in their hands is put back meanwhile.
LOOK_SECONDS = 10.0

# By domain, from which batch on to look, and not before which time.monotonic().
_looks: dict[int, tuple[int, float]] = {}


def react(tried: Iterable[tuple[Mail, Outcome, datetime]], struck: Collection[str]) -> dict[str, datetime]:
    """Rest the domains that ask for it, until these moments; those that were struck and took a mail have recovered."""
    slowed: dict[str, str] = {}
    accepted: dict[str, datetime] = {}
    for mail, outcome, tried_at in tried:
        if outcome.slows_domain:
            slowed.setdefault(mail.domain, outcome.answer)
        elif struck and outcome.kind == Kind.ACCEPTED and mail.domain in struck:
            accepted[mail.domain] = max(tried_at, accepted.get(mail.domain, tried_at))
    rests: dict[str, datetime] = {}
    # In one order everywhere, so that nobody waits in a circle.
    for name in sorted(slowed.keys() | accepted.keys()):
        if name in accepted:
            # What was accepted before the rest ended says nothing of what came after it.
            RecipientDomain.objects.recover(name, _by_their_clock(accepted[name]))
        if name in slowed:
            rests[name] = RecipientDomain.objects.rest(name, slowed[name])
    return rests


def call_back(seconds: float) -> None:
    """What waits for domains that staff woke up is due; about so long, and the rest when it is called again."""
    end = time.monotonic() + seconds
    for number, told in RecipientDomain.objects.called_back().order_by("pk").values_list("pk", "resting_until"):
        if told and told > clock.now():
            while time.monotonic() < end and _looks.get(number, (0, 0.0))[1] <= time.monotonic():
                _call_back_some(number, told)
        else:
            # By now everything is due by itself.
            RecipientDomain.objects.called_back().filter(pk=number, resting_until=told).forget()
            _looks.pop(number, None)


def _call_back_some(domain: int, told: datetime) -> None:
    after, _not_before = _looks.get(domain, (0, 0.0))
    # One in somebody's hands is put back soon, and one that is due already as well.
    waiting = Batch.objects.filter(owner="", due_at__gt=Now(), due_at__lte=told, pk__gt=after)
    numbers = list(waiting.order_by("pk").values_list("pk", flat=True)[:MOST])
    with transaction.atomic():
        # Nobody else was told to wait for the very same moment.
        Delivery.objects.queued().filter(batch__in=numbers, due_at=told).update(due_at=Now())
        renew(Batch.objects.filter(pk__in=numbers))
    is_through = len(numbers) < MOST
    _looks[domain] = (0, time.monotonic() + LOOK_SECONDS) if is_through else (numbers[-1], 0.0)


def _by_their_clock(moment: datetime) -> datetime:
    """A moment by the clock of this host, by the one that ends rests."""
    return clock.now() - (timezone.now() - moment)
