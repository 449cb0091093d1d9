"""Rests the recipients' domains that ask for it, and wakes them up."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from campaigns.delivery.batches import renew
from campaigns.delivery.desk import Mail
from campaigns.delivery.replies import Kind, Outcome
from campaigns.models import Batch, Delivery, RecipientDomain


def react(tried: Iterable[tuple[Mail, Outcome]], struck: Collection[str]) -> dict[str, datetime]:
    """Rest the domains that ask for it, until these moments; those that were struck and took a mail have recovered."""
    slowed: dict[str, str] = {}
    accepted: set[str] = set()
    for mail, outcome in tried:
        if outcome.slows_domain:
            slowed.setdefault(mail.domain, outcome.answer)
        elif struck and outcome.kind == Kind.ACCEPTED:
            accepted.add(mail.domain)
    if recovered := accepted.intersection(struck):
        RecipientDomain.objects.recover(recovered)
    # In one order everywhere, so that nobody waits in a circle.
    return {name: RecipientDomain.objects.rest(name, slowed[name]) for name in sorted(slowed)}


def wake_up(domain: RecipientDomain) -> bool:
    """Staff know better; False if it was awake. What waited for it is due."""
    with transaction.atomic():
        resting = RecipientDomain.objects.resting().select_for_update().filter(pk=domain.pk).first()
        if not resting or not resting.resting_until:
            return False
        waiting = Delivery.objects.queued().filter(due_at=resting.resting_until, email__iendswith=f"@{resting.name}")
        batches = set(waiting.values_list("batch", flat=True))
        waiting.update(due_at=timezone.now())
        renew(Batch.objects.filter(pk__in=batches))
        resting.forgive()
    return True
