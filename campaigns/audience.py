"""Who gets a campaign: everybody active on its lists and in its segments, less those on an excluded list or in one.

Whether somebody is in a segment is asked when the campaign is planned, by the rules as they were when it started.
Whether they are still subscribed is asked again when their mail is about to leave.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Delivery
from subscribers.models import MailingList, Subscriber, Subscription
from subscribers.models.suppression import kept_from_list, paused, suppressed, unsuppressed
from subscribers.segments import rules

Skip = Delivery.Skip
NOBODY = Q(pk__in=[])
# To whose people a campaign goes, and to whose it does not.
WITHIN, WITHOUT = "within", "without"
# Names and rules, as they are stored with a campaign that has started.
Chosen = dict[str, list[tuple[str, Any]]]


@dataclass(frozen=True)
class HeadCount:
    """`languages` tells how many people would be mailed by the language they read, most first."""

    total: int
    languages: dict[str, int]

    @property
    def mailable(self) -> int:
        return sum(self.languages.values())

    @property
    def left_out(self) -> int:
        """Suppressed, paused, or waiting for a digest."""
        return self.total - self.mailable


def recipients(campaign: Campaign, among: range | None = None) -> QuerySet[Subscriber]:
    """Everybody the campaign is meant for, suppressed people included: the ledger names them too.

    `among` people of these numbers; PostgreSQL then does not read the subscriptions of all others.
    """
    return subscribed(campaign, among).filter(in_segments(campaign))


def numbered(among: range) -> QuerySet[Subscriber]:
    """Everybody there is, whether on a list or not."""
    return Subscriber.objects.filter(pk__gte=among.start, pk__lt=among.stop)


def mailable(campaign: Campaign) -> QuerySet[Subscriber]:
    return wanted(campaign).filter(in_segments(campaign))


def subscribed(campaign: Campaign, among: range | None = None) -> QuerySet[Subscriber]:
    """Of its lists, whether the segments find them or not."""
    subscriptions, people = _active_on(_lists(campaign)), Subscriber.objects.all()
    if among is not None:
        subscriptions = subscriptions.filter(subscriber__gte=among.start, subscriber__lt=among.stop)
        people = numbered(among)
    return people.filter(_not_excluded(campaign), Exists(subscriptions))


def wanted(campaign: Campaign) -> QuerySet[Subscriber]:
    """Of those, whoever may be mailed: who was planned stays so, even if a segment no longer finds them."""
    # Not the subscribed without the unmailable: in this form PostgreSQL can join them, in a fifth of the time.
    people = Subscriber.objects.filter(_not_excluded(campaign), Exists(_reaching(campaign)), unsuppressed())
    return people if reaches_digest_readers(campaign) else people.filter(wants_digest=False)


def reaches_digest_readers(campaign: Campaign) -> bool:
    """Also those who want nothing but digests. A welcome answers what they have just done."""
    return campaign.is_digest or campaign.welcomes_id is not None


def unwanted(campaign: Campaign, among: list[int]) -> dict[str, QuerySet[Subscriber]]:
    """Of these people, who may not be mailed and why, if they have not left; later reasons say more."""
    people = Subscriber.objects.filter(pk__in=among)
    subscribers = subscribed(campaign).filter(pk__in=among)
    reasons: dict[str, QuerySet[Subscriber]] = {
        Skip.DIGEST: subscribers.filter(wants_digest=True),
        Skip.SUPPRESSED: subscribers.filter(Q(suppressed()) | ~Q(Exists(_reaching(campaign)))),
        Skip.PAUSED: subscribers.filter(paused()),
        Skip.EXCLUDED: people.filter(Exists(_active_on(campaign.excluded_lists.all()))),
    }
    if reaches_digest_readers(campaign):
        del reasons[Skip.DIGEST]
    return reasons


def head_count(campaign: Campaign) -> HeadCount:
    return HeadCount(recipients(campaign).count(), languages(campaign))


def languages(campaign: Campaign) -> dict[str, int]:
    """How many people would be mailed, by the language they read; most first."""
    counts: dict[str, int] = {}
    rows = mailable(campaign).order_by().values_list("language").annotate(people=Count("pk"))
    for language, people in rows:
        reads = language or settings.LANGUAGE_CODE
        counts[reads] = counts.get(reads, 0) + people
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


# Segments.


def freeze(campaign: Campaign) -> None:
    """Keep the rules as they are now: whatever becomes of the segments, the campaign goes to whom it was meant for.

    So with what is counted: a list that allows more later does not mean those who were on it before.
    """
    campaign.frozen_segments = _as_of_now(campaign)
    campaign.tracking = tracking(campaign)
    campaign.save(update_fields=["frozen_segments", "tracking"])


def in_segments(campaign: Campaign) -> Q:
    """Nobody, if one of them cannot be read: better none than those who were to be left out."""
    chosen = segments_of(campaign)
    try:
        within, without = (
            [rules.condition(tree) for _name, tree in part] for part in (chosen[WITHIN], chosen[WITHOUT])
        )
    except rules.BadRules:
        return NOBODY
    found = reduce(or_, within) if within else ~NOBODY
    return found & ~reduce(or_, without) if without else found


def unreadable(campaign: Campaign) -> list[str]:
    """What is wrong with its segments, in words."""
    found = []
    for name, tree in chain.from_iterable(segments_of(campaign).values()):
        try:
            rules.condition(tree)
        except rules.BadRules as problem:
            found.append(_("The segment “%(name)s” cannot be used: %(reason)s") % {"name": name, "reason": problem})
    return found


def segments_of(campaign: Campaign) -> Chosen:
    """As they were when it started; until then, as they are."""
    return _as_of_now(campaign) if campaign.frozen_segments is None else campaign.frozen_segments


@dataclass(frozen=True)
class Shift:
    """How many people would have been mailed, and how many would be now."""

    before: int
    now: int


def shift(campaign: Campaign, rules_before: Chosen) -> Shift | None:
    """Since its segments had those rules; None if the same people would be mailed."""
    earlier = copy(campaign)
    earlier.frozen_segments = rules_before
    found = Shift(mailable(earlier).count(), mailable(campaign).count())
    is_same = found.before == found.now and not mailable(campaign).exclude(in_segments(earlier)).exists()
    return None if is_same else found


def _as_of_now(campaign: Campaign) -> Chosen:
    return {
        WITHIN: [(segment.name, segment.rules) for segment in campaign.segments.all()],
        WITHOUT: [(segment.name, segment.rules) for segment in campaign.excluded_segments.all()],
    }


# Lists.


def tracking(campaign: Campaign) -> str:
    """What may be counted if it starts now: as the strictest of its lists allows."""
    lists = [campaign.welcomes] if campaign.welcomes else _lists(campaign)
    # They stand in this order, and what goes to no list counts nothing.
    allowed = {each.tracking for each in lists} or {MailingList.Tracking.OFF}
    return next(level for level in MailingList.Tracking.values if level in allowed)


def _lists(campaign: Campaign) -> QuerySet[MailingList]:
    """Those it goes to; if it goes to segments alone, any."""
    chosen = campaign.mailing_lists.all()
    return chosen if chosen or not segments_of(campaign)[WITHIN] else MailingList.objects.all()


def _not_excluded(campaign: Campaign) -> Q:
    return ~Q(Exists(_active_on(campaign.excluded_lists.all())))


def _reaching(campaign: Campaign) -> QuerySet[Subscription]:
    """The subscriptions through which a recipient may be mailed."""
    # The recipient's own column: asking the subscription for it would join everybody once more.
    kept_away = kept_from_list(
        OuterRef(OuterRef("fingerprint")), OuterRef(OuterRef("domain")), OuterRef("mailing_list")
    )
    return _active_on(_lists(campaign)).exclude(kept_away)


def _active_on(lists: QuerySet[MailingList]) -> QuerySet[Subscription]:
    # The numbers, not a subquery: a campaign fetched with its lists then asks nothing here, and the
    # database plans the same short index scan each time.
    numbers = [one.pk for one in lists]
    return Subscription.objects.active().filter(subscriber=OuterRef("pk"), mailing_list__in=numbers)
