"""No campaigns for a while, as readers choose it: a suppression that ends by itself."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from subscribers.models import Subscriber, Suppression
from subscribers.models.suppression import SuppressionQuerySet

PAUSED = Suppression.Reason.PAUSED


@transaction.atomic
def pause(subscriber: Subscriber, until: datetime) -> bool:
    """Longer or shorter than before. False if their mail is stopped for another reason anyway, which stays."""
    stops = _stops(subscriber)
    stops.filter(Q(reason=PAUSED) | Q(expires_at__lte=Now())).delete()
    # Their mail may just have been stopped for good.
    Suppression.objects.bulk_create(
        [Suppression(fingerprint=subscriber.fingerprint, reason=PAUSED, expires_at=until)], ignore_conflicts=True
    )
    return stops.filter(reason=PAUSED).exists()


def go_on(subscriber: Subscriber) -> None:
    _stops(subscriber).filter(reason=PAUSED).delete()


def paused_until(subscriber: Subscriber) -> datetime | None:
    return _stops(subscriber).in_force().filter(reason=PAUSED).values_list("expires_at", flat=True).first()


def _stops(subscriber: Subscriber) -> SuppressionQuerySet:
    return Suppression.objects.of(subscriber.email).everywhere()
