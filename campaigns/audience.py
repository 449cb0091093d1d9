"""Who gets a campaign: everybody active on its lists, less those active on an excluded one."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from campaigns.models import Campaign
from subscribers.models import MailingList, Subscriber, Subscription, Suppression
from subscribers.models.suppression import suppressed


@dataclass(frozen=True)
class HeadCount:
    total: int
    mailable: int
    suppressed: int


def recipients(campaign: Campaign) -> QuerySet[Subscriber]:
    """Everybody the campaign is meant for, suppressed people included: the ledger names them too."""
    return Subscriber.objects.filter(
        Exists(_active_on(campaign.mailing_lists.all())), ~Exists(_active_on(campaign.excluded_lists.all()))
    )


def mailable(campaign: Campaign) -> QuerySet[Subscriber]:
    # The same as excluding the unmailable, in a form that PostgreSQL can join: a third of the time for many people.
    return recipients(campaign).filter(~suppressed(), Exists(_reaching(campaign)))


def unmailable(campaign: Campaign) -> Q:
    """Of the recipients, those who are suppressed everywhere or on each list that would reach them."""
    return Q(suppressed()) | ~Q(Exists(_reaching(campaign)))


def excluded(campaign: Campaign) -> QuerySet[Subscriber]:
    return Subscriber.objects.filter(Exists(_active_on(campaign.excluded_lists.all())))


def head_count(campaign: Campaign) -> HeadCount:
    total = recipients(campaign).count()
    able = mailable(campaign).count()
    return HeadCount(total=total, mailable=able, suppressed=total - able)


def languages(campaign: Campaign) -> dict[str, int]:
    """How many people would be mailed, by the language they read; most first."""
    counts: dict[str, int] = {}
    rows = mailable(campaign).order_by().values_list("language").annotate(people=Count("pk"))
    for language, people in rows:
        reads = language or settings.LANGUAGE_CODE
        counts[reads] = counts.get(reads, 0) + people
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _reaching(campaign: Campaign) -> QuerySet[Subscription]:
    """The subscriptions through which a recipient may be mailed."""
    suppressed_here = Suppression.objects.in_force().filter(
        mailing_list=OuterRef("mailing_list"), fingerprint=OuterRef("subscriber__fingerprint")
    )
    return _active_on(campaign.mailing_lists.all()).exclude(Exists(suppressed_here))


def _active_on(lists: QuerySet[MailingList]) -> QuerySet[Subscription]:
    # The numbers, not a subquery: a campaign fetched with its lists then asks nothing here, and the
    # database plans the same short index scan each time.
    numbers = [one.pk for one in lists]
    return Subscription.objects.active().filter(subscriber=OuterRef("pk"), mailing_list__in=numbers)
