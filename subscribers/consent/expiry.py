"""Ends subscriptions whose consent was only implied, when its time is over."""

from __future__ import annotations

from time import monotonic
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from subscribers.models import ConsentRecord, Subscription

AT_ONCE: Final = 1_000


def end_expired(*, seconds: float) -> bool:
    """Work for about so long; whether more is left. Mail stopped at the moment itself: this only writes it down."""
    end = monotonic() + seconds
    while _end_some():
        if monotonic() > end:
            return True
    return False


@transaction.atomic
def _end_some() -> bool:
    """Locked, so that whoever agrees for good at this moment comes before or after."""
    expired = Subscription.objects.expired().select_for_update(of=("self",), skip_locked=True)
    found = list(expired.order_by("expires_at", "pk")[:AT_ONCE])
    now = timezone.now()
    Subscription.objects.filter(pk__in=[each.pk for each in found]).update(
        status=Subscription.Status.ENDED, ended_at=now
    )
    ConsentRecord.objects.bulk_create(
        ConsentRecord(
            subscriber_id=each.subscriber_id,
            mailing_list_id=each.mailing_list_id,
            action=ConsentRecord.Action.WITHDRAWN,
            source=ConsentRecord.Source.EXPIRY,
            statement=_("The implied consent has expired."),
            basis=ConsentRecord.Basis.IMPLIED,
            expires_at=each.expires_at,
        )
        for each in found
    )
    return bool(found)
