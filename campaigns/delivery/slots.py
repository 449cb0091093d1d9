"""Who may hold a connection to a transport: leased rows that cap connections across all hosts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from campaigns.models import Slot, Transport

# How long a nudge may wait in the queue before another is sent.
NUDGE = timedelta(seconds=5)
# Renewed every few seconds, so it only has to outlast one group of mails on a slow server. As long as this,
# the place of a lane that was killed stays empty.
LEASE = timedelta(seconds=60)


def take(transport: Transport, owner: str) -> Slot | None:
    """A free slot, or None: then as many lanes as may run are running already."""
    _ensure(transport)
    for slot in _free(transport).order_by("number"):
        if _free(transport).filter(pk=slot.pk).update(owner=owner, leased_until=_lease()):
            return slot
    return None


def keep(slot: Slot, owner: str) -> bool:
    """False if the lease ran out and another lane took it."""
    return bool(Slot.objects.filter(pk=slot.pk, owner=owner).update(leased_until=_lease()))


def leave(slot: Slot, owner: str) -> None:
    Slot.objects.filter(pk=slot.pk, owner=owner).update(owner="", leased_until=None, nudged_at=None)


def nudge(transport: Transport) -> int:
    """How many lanes to ask for; of many hosts that ask at once, one gets each."""
    _ensure(transport)
    waited = Q(nudged_at=None) | Q(nudged_at__lt=timezone.now() - NUDGE)
    numbers = list(_free(transport).filter(waited).values_list("pk", flat=True))
    return sum(Slot.objects.filter(waited, pk=pk).update(nudged_at=timezone.now()) for pk in numbers)


def _ensure(transport: Transport) -> None:
    known = set(transport.slots.values_list("number", flat=True))
    lacking = [Slot(transport=transport, number=n) for n in range(transport.connections) if n not in known]
    Slot.objects.bulk_create(lacking, ignore_conflicts=True)


def _free(transport: Transport) -> QuerySet[Slot]:
    ended = Q(leased_until=None) | Q(leased_until__lt=timezone.now())
    return Slot.objects.filter(ended, transport=transport, number__lt=F("transport__connections"))


def _lease() -> datetime:
    return timezone.now() + min(timedelta(seconds=settings.LEASE_SECONDS), LEASE)
