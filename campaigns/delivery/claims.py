"""Takes mails from the queue and hands them over to the wire, so that nobody is mailed twice.

queued → claimed (leased, with tokens) → sending (committed before the first byte) → an outcome.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from campaigns import audience
from campaigns.delivery import limits
from campaigns.delivery.plan import edition_for
from campaigns.delivery.returning import Blanks, PreparedUpdate
from campaigns.models import Campaign, Delivery, Edition, Transport

Status = Delivery.Status
Skip = Delivery.Skip


def with_due_mail() -> QuerySet[Campaign]:
    due = Delivery.objects.due().filter(campaign=OuterRef("pk"))
    return Campaign.objects.sending().filter(Exists(due)).order_by("pk")


def claim(campaign: Campaign, transport: Transport, owner: str, most: int) -> list[int]:
    """The most urgent mails that limits allow; they are the owner's until the lease ends."""
    with transaction.atomic():
        tokens = limits.lock(campaign, transport)
        number = tokens.most(most)
        if number < 1:
            return []
        due = Delivery.objects.due().filter(campaign=campaign).order_by("priority", "due_at", "pk")
        numbers = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:number])
        if numbers:
            mine = Delivery.objects.filter(pk__in=numbers)
            mine.update(status=Status.CLAIMED, owner=owner, leased_until=_claim_lease())
            tokens.spend(len(numbers))
    return numbers


def load(campaign: Campaign, numbers: list[int], editions: dict[str, Edition]) -> list[Delivery]:
    """Claimed mails with all that composing needs; address and language are those of today."""
    languages = {language: edition.pk for language, edition in editions.items()}
    by_number = {edition.pk: edition for edition in editions.values()}
    rows = Delivery.objects.filter(pk__in=numbers).select_related("subscriber").order_by("priority", "due_at", "pk")
    deliveries = list(rows)
    for delivery in deliveries:
        if delivery.subscriber:
            today = edition_for(campaign, delivery.subscriber.language, languages)
            if (delivery.edition_id, delivery.email) != (today, delivery.subscriber.email):
                delivery.email = delivery.subscriber.email
                delivery.edition_id = today
                delivery.save(update_fields=["email", "edition"])
        if delivery.edition_id:
            delivery.edition = by_number[delivery.edition_id]
        delivery.campaign = campaign
    return deliveries


class HandOver:
    """Marks claimed mails of one campaign as sending, a group at a time, before they go on the wire.

    The same statement asks once more whether the claim holds, the campaign is sending and the person still
    wants it. Who no longer does is skipped here, and named.
    """

    def __init__(self, campaign: Campaign, owner: str) -> None:
        self.campaign = campaign
        self.owner = owner
        self.numbers = Blanks(settings.HAND_OVER, first=1)
        self.people = Blanks(settings.HAND_OVER, first=1 + settings.HAND_OVER)
        wanted = audience.mailable(campaign).filter(pk__in=self.people.numbers)
        self.update = PreparedUpdate(
            self._mine(self.numbers.numbers).filter(_is_sending(campaign), subscriber__in=wanted),
            status=Status.SENDING,
            leased_until=Now() + timedelta(seconds=settings.LEASE_SECONDS),
        )

    def of(self, group: Sequence[Delivery]) -> set[int]:
        """Which of at most HAND_OVER mails may be sent."""
        numbers = [delivery.pk for delivery in group]
        people = [delivery.subscriber_id for delivery in group if delivery.subscriber_id]
        won = self.update.run(self.numbers.filled_with(numbers) | self.people.filled_with(people))
        if len(won) < len(numbers):
            _skip_unwanted(self.campaign, self._mine(numbers), people)
        return set(won)

    def _mine(self, numbers: list[int]) -> QuerySet[Delivery]:
        return Delivery.objects.filter(pk__in=numbers, owner=self.owner, status=Status.CLAIMED)


def release(numbers: Iterable[int], owner: str) -> int:
    """Back to the queue, unspent: mails that were never put on the wire."""
    mine = Delivery.objects.filter(pk__in=numbers, owner=owner, status__in=[Status.CLAIMED, Status.SENDING])
    return mine.update(status=Status.QUEUED, owner="", leased_until=None)


def _skip_unwanted(campaign: Campaign, mine: QuerySet[Delivery], people: list[int]) -> None:
    these = audience.recipients(campaign).filter(pk__in=people)
    unwanted = (
        (Skip.GONE, mine.filter(subscriber=None)),
        (Skip.EXCLUDED, mine.filter(subscriber__in=audience.excluded(campaign).filter(pk__in=people))),
        (Skip.SUPPRESSED, mine.filter(subscriber__in=these.filter(audience.unmailable(campaign)))),
        (Skip.LEFT, mine.filter(subscriber__isnull=False).exclude(subscriber__in=these)),
    )
    for reason, rows in unwanted:
        rows.filter(_is_sending(campaign)).update(
            status=Status.SKIPPED, reason=reason, owner="", leased_until=None, finished_at=timezone.now()
        )


def _is_sending(campaign: Campaign) -> Exists:
    return Exists(Campaign.objects.sending().filter(pk=campaign.pk))


def _claim_lease() -> datetime:
    # A claim is used within the hold of its tokens or released, so it need not be protected for longer.
    return timezone.now() + timedelta(seconds=min(settings.LEASE_SECONDS, 2 * settings.TOKEN_HOLD_SECONDS))
