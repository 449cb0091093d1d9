"""Takes batches into a lane's hands and gives them back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, Min, OuterRef, QuerySet, Subquery

from campaigns import prepared
from campaigns.delivery.slots import Lost
from campaigns.models import Batch, Campaign, Delivery, Slot

WAITS = prepared.Table("waits", number="bigint", due_at="timestamptz")


def with_due_mail(closed: Collection[str] = ()) -> QuerySet[Campaign]:
    """The campaigns of which a batch may be claimed, but for those to domains that are closed."""
    free = Batch.objects.free().filter(campaign=OuterRef("pk")).exclude(domain__in=closed)
    return Campaign.objects.sending().filter(Exists(free)).order_by("pk")


def claim(campaign: Campaign, owner: str, closed: Collection[str] = ()) -> Batch | None:
    """The most urgent batch of a campaign; the owner's until it is put back or its slots' lease ends. Raises Lost."""
    with transaction.atomic():
        hold(owner)
        free = Batch.objects.free().filter(campaign=campaign).exclude(domain__in=closed)
        free = free.order_by("priority", "due_at", "pk").select_for_update(skip_locked=True)
        # A domain with a limit goes first when it is open, lest its room is wasted.
        batch = free.exclude(domain="").first() or free.first()
        if batch:
            batch.owner = owner
            batch.save(update_fields=["owner"])
    return batch


def post_waits() -> bool:
    """Whether mail of the application may leave that nobody has in hand."""
    return Batch.objects.free().filter(campaign=None).exists()


def claim_post(owner: str, most: int) -> list[Batch]:
    """Mails of the application, the most urgent first. Raises Lost.

    Of a full claim one in eight is for those that wait longest, so that nothing waits for ever behind what is urgent.
    """
    with transaction.atomic():
        hold(owner)
        free = Batch.objects.free().filter(campaign=None).select_for_update(skip_locked=True)
        claimed = list(free.order_by("priority", "due_at", "pk")[: most - most // 8])
        if len(claimed) == most - most // 8:
            others = free.exclude(pk__in=[batch.pk for batch in claimed])
            claimed += others.order_by("due_at", "pk")[: most // 8]
        Batch.objects.filter(pk__in=[batch.pk for batch in claimed]).update(owner=owner)
    return claimed


def hold(owner: str) -> None:
    """Keeps the sweeper from giving this lane's things away until the transaction ends. Raises Lost if it did."""
    if not Slot.objects.select_for_update().filter(owner=owner).exists():
        raise Lost


def put_back(batch: Batch, owner: str, later: Iterable[tuple[int, datetime]] = ()) -> None:
    """Due again when the first of its waiting mails is, of which these wait until then. None of it may be on a wire."""
    put_back_all([batch], owner, later)


def put_back_all(batches: Sequence[Batch], owner: str, later: Iterable[tuple[int, datetime]] = ()) -> None:
    if waits := [{"number": number, "due_at": due_at} for number, due_at in later]:
        prepared.run(_wait(), [WAITS.parameter(waits)])
    renew(Batch.objects.filter(pk__in=[batch.pk for batch in batches], owner=owner), owner="")


def renew(batches: QuerySet[Batch], **changes: object) -> None:
    """Write down anew when the first of their waiting mails may leave.

    They are locked by a statement of its own. One that waited for somebody who just sends mails again would see
    the mails as they were when it began, and these would wait for ever.
    """
    with transaction.atomic(savepoint=False):
        numbers = list(batches.select_for_update().order_by("pk").values_list("pk", flat=True))
        Batch.objects.filter(pk__in=numbers).update(due_at=_first_due(), **changes)


def _wait() -> str:
    return f"""
        UPDATE campaigns_delivery SET due_at = waits.due_at FROM {WAITS.source}
        WHERE campaigns_delivery.id = waits.number AND status = 'queued' AND campaigns_delivery.due_at < waits.due_at"""


def _first_due() -> Subquery:
    """Of a batch: when the first of its waiting mails may leave, or null."""
    waiting = Delivery.objects.queued().filter(batch=OuterRef("pk")).order_by()
    return Subquery(waiting.values("batch").annotate(first=Min("due_at")).values("first"))
