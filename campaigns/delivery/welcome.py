"""Welcome mails: a campaign that stays switched on, and goes to whoever joins its list, once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from campaigns import audience
from campaigns.composition.compile import freeze
from campaigns.delivery import wakeup
from campaigns.delivery.deadlocks import tries_again
from campaigns.delivery.snapshot import edition_for
from campaigns.models import Batch, Campaign, Delivery, RecipientDomain, clock
from campaigns.models.campaign import CampaignQuerySet
from subscribers.addresses import domain_of
from subscribers.consent import joining
from subscribers.models import ConsentRecord, MailingList, Subscriber

# Who comes back so soon only takes back that they left.
RETURN: Final = timedelta(days=1)


class Edited(Exception):
    """It is no longer what somebody looked at."""


@tries_again
def switch_on(campaign: Campaign, is_as_seen: Callable[[Campaign], bool] = lambda _frozen: True) -> bool:
    """In place of the one that is on for the list; False if somebody was faster. Raises CompositionError or Edited.

    Who still waits for the other, perhaps because it was paused, gets this one.
    """
    if campaign.welcomes_id is None:
        return False
    with transaction.atomic():
        # Of two that are switched on at once, one waits here and then replaces the other.
        lists = MailingList.objects.select_for_update(no_key=True)
        mailing_list = lists.get(pk=campaign.welcomes_id)
        drafts = Campaign.objects.select_for_update(no_key=True).filter(status=Campaign.Status.DRAFT)
        draft = drafts.filter(pk=campaign.pk, welcomes=mailing_list).first()
        if draft is None:
            return False
        draft.mailing_lists.set([mailing_list])
        # Which links are counted depends on what may be.
        audience.freeze(draft)
        freeze(draft)
        # Not before, or something might change until it is kept.
        if not is_as_seen(draft):
            raise Edited
        waiting = [person for other in _on(mailing_list.pk) for person in _replace(other)]
        draft.switch_on()
        _add(draft, waiting)
    campaign.refresh_from_db()
    return True


@joining.register
def greet(subscriber: Subscriber, lists: Sequence[MailingList]) -> None:
    """Somebody joins these lists."""
    welcomed = Campaign.objects.welcoming().filter(welcomes__in=lists).order_by("pk")
    for number in welcomed.values_list("welcomes", flat=True):
        campaign = _held(number)
        if campaign and not _is_known(subscriber, campaign):
            _add(campaign, [subscriber])


def _held(mailing_list: int) -> Campaign | None:
    """The one that is on, which nobody switches off or adds to until the transaction ends.

    When its row is free, it may just have been replaced: then there is another one, which a second look finds.
    """
    locked = _on(mailing_list).select_for_update(no_key=True)
    found: Campaign | None = locked.first() or locked.first()
    return found


def _on(mailing_list: int) -> CampaignQuerySet:
    return Campaign.objects.welcoming().filter(welcomes=mailing_list).order_by("pk")


def _is_known(subscriber: Subscriber, campaign: Campaign) -> bool:
    """Welcomed before, by whichever mail of this list, or gone for less than a day."""
    mails = Delivery.objects.filter(subscriber=subscriber)
    greeted = Q(campaign=campaign) | (Q(campaign__welcomes=campaign.welcomes_id) & ~Q(status=Delivery.Status.SKIPPED))
    withdrawn = ConsentRecord.objects.filter(
        Q(mailing_list=campaign.welcomes_id) | Q(mailing_list=None),
        subscriber=subscriber,
        action=ConsentRecord.Action.WITHDRAWN,
        recorded_at__gt=timezone.now() - RETURN,
    )
    return mails.filter(greeted).exists() or withdrawn.exists()


def _replace(old: Campaign) -> list[Subscriber]:
    """Switches it off; those who get none of it, but for what a lane has in its hands."""
    old.cancel()
    free = Batch.objects.unfinished().filter(campaign=old, owner="").select_for_update().order_by("pk")
    batches = [batch.pk for batch in free]
    waiting = Delivery.objects.queued().filter(batch__in=batches)
    people = list(Subscriber.objects.filter(pk__in=waiting.order_by().values("subscriber")))
    skipped = {"status": Delivery.Status.SKIPPED, "reason": Delivery.Skip.CANCELLED, "finished_at": timezone.now()}
    waiting.update(**skipped)
    Batch.objects.filter(pk__in=batches).update(due_at=None)
    return people


def _add(campaign: Campaign, people: Sequence[Subscriber]) -> None:
    """One mail for each, in a batch of its own, and the sum of the campaign grows by as much."""
    if not people:
        return
    now, editions = clock.now(), dict(campaign.editions.values_list("language", "pk"))
    limited = set(RecipientDomain.objects.limited().values_list("name", flat=True))
    batches = Batch.objects.bulk_create(
        Batch(campaign=campaign, due_at=now, domain=domain if (domain := domain_of(person.email)) in limited else "")
        for person in people
    )
    Delivery.objects.bulk_create(
        Delivery(
            campaign=campaign,
            batch=batch,
            subscriber=person,
            edition_id=edition_for(campaign, person.language, editions),
            email=person.email,
            due_at=now,
            message_id=f"{secrets.token_hex(16)}@{campaign.sender.domain}",
        )
        for person, batch in zip(people, batches, strict=True)
    )
    Campaign.objects.filter(pk=campaign.pk).update(planned=F("planned") + len(people))
    wakeup.ring()
