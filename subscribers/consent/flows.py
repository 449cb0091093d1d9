"""What people and staff do to subscriptions, each in one transaction with its proof."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from subscribers.addresses import fingerprint
from subscribers.models import ConsentRecord, MailingList, Subscriber, Subscription, Suppression

from . import joining

BY_THEMSELVES = (
    ConsentRecord.Source.PREFERENCES,
    ConsentRecord.Source.ONE_CLICK,
    ConsentRecord.Source.FORM,
    ConsentRecord.Source.MAIL,
)


@dataclass(frozen=True)
class Evidence:
    """How we know that somebody wants it so; becomes part of every consent record."""

    source: str
    statement: str = ""
    language: str = ""
    network_address: str | None = None
    expires_at: datetime | None = None
    """Of a consent that is only implied."""

    @property
    def basis(self) -> str:
        return ConsentRecord.Basis.IMPLIED if self.expires_at else ConsentRecord.Basis.EXPRESS


@transaction.atomic
def subscribe(subscriber: Subscriber, lists: Iterable[MailingList], evidence: Evidence) -> list[MailingList]:
    """Those lists that the person was not yet active on, and is now."""
    joined = [mailing_list for mailing_list in lists if _join(subscriber, mailing_list, evidence)]
    joining.tell(subscriber, joined, evidence.source)
    return joined


@transaction.atomic
def unsubscribe(subscriber: Subscriber, lists: Iterable[MailingList], evidence: Evidence) -> list[MailingList]:
    """Those lists that the person was on, confirmed or not, and is no longer."""
    subscriptions = subscriber.subscriptions.filter(mailing_list__in=list(lists)).select_related("mailing_list")
    chosen = subscriptions.exclude(status=Subscription.Status.ENDED)
    left = [subscription.mailing_list for subscription in chosen if _leave(subscription, evidence)]
    _renounce(subscriptions, evidence)
    return left


@transaction.atomic
def leave_everything(subscriber: Subscriber, evidence: Evidence) -> list[MailingList]:
    """End all subscriptions, and make sure that no import or colleague brings the person back."""
    left = unsubscribe(subscriber, MailingList.objects.all(), evidence)
    # It outlasts a pause, and not what is for good already.
    if Suppression.objects.keep([Suppression(fingerprint=subscriber.fingerprint, reason=Suppression.Reason.LEFT)]):
        _record(subscriber, None, ConsentRecord.Action.WITHDRAWN, evidence)
    return left


@transaction.atomic
def come_back(subscriber: Subscriber, list_ids: Collection[int], evidence: Evidence) -> list[MailingList]:
    """Only for readers themselves: join lists, even after having left everything."""
    return join(subscriber, list(open_to(subscriber).filter(pk__in=list_ids)), evidence)


@transaction.atomic
def wait_again(subscriber: Subscriber, list_ids: Collection[int], evidence: Evidence) -> list[MailingList]:
    """Only for readers themselves, who undo what they did: those that they were on, and now wait to confirm again."""
    chosen = subscriber.subscriptions.filter(mailing_list__in=open_to(subscriber).filter(pk__in=list_ids))
    active = chosen.filter(status=Subscription.Status.ACTIVE).select_related("mailing_list")
    left = [each.mailing_list for each in active if _leave(each, evidence)]
    for each in chosen.filter(status=Subscription.Status.ENDED):
        each.wait()
    return left


@transaction.atomic
def join(subscriber: Subscriber, lists: Collection[MailingList], evidence: Evidence) -> list[MailingList]:
    """By a reader's own and newest word, whatever they left before."""
    if _forget_leaving(subscriber.email, lists):
        _record(subscriber, None, ConsentRecord.Action.GRANTED, evidence)
    return subscribe(subscriber, lists, evidence)


@transaction.atomic
def suppress(
    addresses: Collection[str],
    reason: str,
    *,
    note: str = "",
    domains: Collection[str] = (),
    mailing_list: MailingList | None = None,
    expires_at: datetime | None = None,
) -> int:
    """Never mail these normalised addresses and domains again; how many of them are new. The first reason is kept."""
    scope: dict[str, Any] = {"reason": reason, "note": note, "mailing_list": mailing_list, "expires_at": expires_at}
    rows = [Suppression(fingerprint=fingerprint(address), **scope) for address in addresses]
    return Suppression.objects.keep([*rows, *(Suppression(domain=domain, **scope) for domain in domains)])


@transaction.atomic
def remember_leaving(people: QuerySet[Subscriber]) -> None:
    """Call it before they are deleted: no import shall put them back on the lists that they left."""
    ended = Subscription.objects.filter(subscriber__in=people, status=Subscription.Status.ENDED)
    rows = [
        Suppression(fingerprint=each, mailing_list_id=number, reason=Suppression.Reason.LEFT)
        for each, number in ended.values_list("subscriber__fingerprint", "mailing_list")
    ]
    Suppression.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def active_on(subscriber: Subscriber) -> frozenset[int]:
    return frozenset(subscriber.subscriptions.active().values_list("mailing_list", flat=True))


def waiting_on(subscriber: Subscriber) -> frozenset[int]:
    waiting = subscriber.subscriptions.filter(status=Subscription.Status.PENDING)
    return frozenset(waiting.values_list("mailing_list", flat=True))


def shown_to(subscriber: Subscriber) -> list[Subscription]:
    """One subscription, perhaps unsaved, for each list on the person's preference page."""
    known = {each.mailing_list_id: each for each in subscriber.subscriptions.all()}
    ended = Subscription.Status.ENDED
    return [
        known.get(each.pk) or Subscription(subscriber=subscriber, mailing_list=each, status=ended)
        for each in MailingList.objects.all()
        if each.is_public or (each.pk in known and known[each.pk].status != ended)
    ]


def open_to(subscriber: Subscriber) -> QuerySet[MailingList]:
    """The lists a person may join alone: public ones, and private ones unless somebody else took them off."""
    return MailingList.objects.filter(
        Q(is_public=True) | Q(pk__in=_joined(subscriber)) | Q(pk__in=_decided_alone(subscriber))
    )


def left_alone(subscriber: Subscriber, lists: Iterable[MailingList]) -> list[MailingList]:
    """Those that the person left without anybody's doing, and may therefore come back to."""
    free = _decided_alone(subscriber) - set(_joined(subscriber))
    return [each for each in lists if each.pk in free]


def on(subscriber: Subscriber, lists: Iterable[MailingList]) -> list[MailingList]:
    """Those that the person is on, confirmed or not."""
    joined = set(_joined(subscriber))
    return [each for each in lists if each.pk in joined]


def _joined(subscriber: Subscriber) -> QuerySet[Subscription, int]:
    subscriptions = Subscription.objects.filter(subscriber=subscriber)
    return subscriptions.exclude(status=Subscription.Status.ENDED).values_list("mailing_list", flat=True)


def _decided_alone(subscriber: Subscriber) -> set[int]:
    """The lists about which the person's own word was the last."""
    records = subscriber.consent_records.exclude(mailing_list=None).order_by("id")
    last = dict(records.values_list("mailing_list", "source"))
    return {number for number, source in last.items() if number and source in BY_THEMSELVES}


def _join(subscriber: Subscriber, mailing_list: MailingList, evidence: Evidence) -> bool:
    subscription, is_new = Subscription.objects.get_or_create(
        subscriber=subscriber,
        mailing_list=mailing_list,
        defaults={"status": Subscription.Status.ACTIVE, "expires_at": evidence.expires_at},
    )
    won = is_new or subscription.activate(evidence.expires_at) or _prolong(subscription, evidence)
    if won:
        _record(subscriber, mailing_list, ConsentRecord.Action.GRANTED, evidence)
    return won


def _prolong(subscription: Subscription, evidence: Evidence) -> bool:
    """What was implied for a while now holds for longer, or for good. Nothing ever makes it shorter."""
    shorter = Q(expires_at__isnull=False)
    if evidence.expires_at:
        shorter &= Q(expires_at__lt=evidence.expires_at)
    active = Subscription.objects.filter(shorter, pk=subscription.pk, status=Subscription.Status.ACTIVE)
    return bool(active.update(expires_at=evidence.expires_at))


def _leave(subscription: Subscription, evidence: Evidence) -> bool:
    won = subscription.end()
    if won:
        _record(subscription.subscriber, subscription.mailing_list, ConsentRecord.Action.WITHDRAWN, evidence)
    return won


def _renounce(subscriptions: QuerySet[Subscription], evidence: Evidence) -> None:
    """Whoever leaves when a consent has expired already means it: then no import renews it either."""
    for each in subscriptions.filter(status=Subscription.Status.ENDED, expires_at__isnull=False):
        lapsed = Subscription.objects.filter(pk=each.pk, status=Subscription.Status.ENDED, expires_at__isnull=False)
        if lapsed.update(expires_at=None):
            _record(each.subscriber, each.mailing_list, ConsentRecord.Action.WITHDRAWN, evidence)


def _forget_leaving(address: str, lists: Collection[MailingList]) -> bool:
    """A reader's own wish is lifted by a newer one; a dead address or a complaint is not."""
    own = Suppression.objects.of(address).filter(reason=Suppression.Reason.LEFT)
    removed, _rows = own.filter(Q(mailing_list=None) | Q(mailing_list__in=lists)).delete()
    return bool(removed)


def _record(subscriber: Subscriber, mailing_list: MailingList | None, action: str, evidence: Evidence) -> None:
    ConsentRecord.objects.create(
        subscriber=subscriber,
        mailing_list=mailing_list,
        action=action,
        source=evidence.source,
        statement=evidence.statement,
        language=evidence.language,
        network_address=evidence.network_address,
        basis=evidence.basis,
        expires_at=evidence.expires_at,
    )
