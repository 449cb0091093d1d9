"""What staff do about mails of the application: send them once more, or not at all."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from campaigns.delivery import wakeup
from campaigns.delivery.batches import renew
from campaigns.delivery.deadlocks import tries_again
from campaigns.models import Batch, Delivery

Status = Delivery.Status


@tries_again
def retry(deliveries: Iterable[int]) -> int:
    """Those that failed or are uncertain wait again, at the risk of a second copy, if their content is still there."""
    ended = _of_the_application(deliveries).filter(
        status__in=[Status.FAILED, Status.UNCERTAIN], copy_of__emptied_at=None
    )
    with transaction.atomic():
        batches = set(ended.values_list("batch", flat=True))
        numbers = list(ended.values_list("pk", flat=True))
        again = Delivery.objects.filter(pk__in=numbers, status__in=[Status.FAILED, Status.UNCERTAIN])
        count = again.update(status=Status.QUEUED, reason="", tries=0, due_at=Now(), finished_at=None)
        renew(Batch.objects.filter(pk__in=batches))
        if count:
            wakeup.ring()
    return count


@tries_again
def cancel(deliveries: Iterable[int]) -> int:
    """Those that wait never leave. What a lane has in its hands at this moment may be on a wire, so it stays."""
    waiting = _of_the_application(deliveries).filter(status=Status.QUEUED)
    with transaction.atomic():
        batches = Batch.objects.filter(pk__in=set(waiting.values_list("batch", flat=True)), owner="")
        free = [batch.pk for batch in batches.select_for_update().order_by("pk")]
        mine = Delivery.objects.queued().filter(pk__in=list(waiting.values_list("pk", flat=True)), batch__in=free)
        count = mine.update(status=Status.SKIPPED, reason=Delivery.Skip.WITHDRAWN, finished_at=timezone.now())
        renew(Batch.objects.filter(pk__in=free))
    return count


def _of_the_application(deliveries: Iterable[int]) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk__in=list(deliveries), copy_of__isnull=False).order_by()
