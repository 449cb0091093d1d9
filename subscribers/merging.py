"""Makes one person of two. What only mail knows about them follows through a registry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from subscribers.consent import flows
from subscribers.models import Attribute, ConsentRecord, Subscriber, Subscription, Suppression

FIELDS: Final = ("first_name", "last_name", "language", "time_zone")
# Where the address of the one who goes can be kept.
FORMER_ADDRESS: Final = "former_address"

Status = Subscription.Status
# Within the transaction of the merge, given who stays and who goes.
Follow = Callable[[Subscriber, Subscriber], None]
_followers: list[Follow] = []


class SamePerson(ValueError):
    """Nobody can be merged with themselves."""


def register(follow: Follow) -> Follow:
    """From whatever keeps something about people; when the application starts."""
    _followers.append(follow)
    return follow


def values_of(person: Subscriber) -> dict[str, Any]:
    """What staff choose between, by field; attributes as ``attribute:company``."""
    facts = person.attributes if isinstance(person.attributes, dict) else {}
    values = {name: getattr(person, name) for name in FIELDS} | {f"attribute:{name}": facts[name] for name in facts}
    return {name: value for name, value in values.items() if value not in ("", None)}


@transaction.atomic
def merge(stays: Subscriber, goes: Subscriber, *, values: Mapping[str, Any], keeps_address: bool = False) -> Subscriber:
    """`values` win, and what they leave out is blank. The person who stays, as stored. Raises SamePerson."""
    if stays.pk == goes.pk:
        raise SamePerson
    locked = Subscriber.objects.select_for_update().order_by("pk").in_bulk([stays.pk, goes.pk])
    stays, goes = locked[stays.pk], locked[goes.pk]
    _take_over(stays, goes, values, keeps_address=keeps_address)
    stays.tags.add(*goes.tags.all())
    flows.remember_leaving(Subscriber.objects.filter(pk=goes.pk))
    _join_lists(stays, goes)
    _keep_wishes(stays, goes)
    ConsentRecord.objects.filter(subscriber=goes).update(subscriber=stays)
    for follow in _followers:
        follow(stays, goes)
    Subscriber.objects.filter(pk=goes.pk).delete()
    return stays


def _take_over(stays: Subscriber, goes: Subscriber, values: Mapping[str, Any], *, keeps_address: bool) -> None:
    for name in FIELDS:
        setattr(stays, name, values.get(name, ""))
    stays.wants_digest = stays.wants_digest or goes.wants_digest
    if goes.may_track is False:
        stays.may_track = False
    stays.attributes = {
        name.removeprefix("attribute:"): value for name, value in values.items() if name.startswith("attribute:")
    }
    if keeps_address:
        Attribute.objects.get_or_create(name=FORMER_ADDRESS, defaults={"label": _("Former address")})
        stays.attributes[FORMER_ADDRESS] = goes.email
    stays.save()


def _join_lists(stays: Subscriber, goes: Subscriber) -> None:
    """Who left a list through either address stays out, unless they agreed again afterwards."""
    own = {each.mailing_list_id: each for each in stays.subscriptions.all()}
    for brought in goes.subscriptions.select_related("mailing_list"):
        had = own.get(brought.mailing_list_id)
        if had is None:
            Subscription.objects.filter(pk=brought.pk).update(subscriber=stays)
        elif _outweighs(brought, had):
            Subscription.objects.filter(pk=had.pk).update(
                status=brought.status, ended_at=brought.ended_at, expires_at=brought.expires_at
            )
            if brought.status == Status.ENDED:
                _record_leaving(stays, had)


def _outweighs(brought: Subscription, had: Subscription) -> bool:
    if brought.status == had.status:
        return brought.expires_at is None and had.expires_at is not None
    if Status.ENDED in (brought.status, had.status):
        ended, other = (brought, had) if brought.status == Status.ENDED else (had, brought)
        winner = other if _agreed_again(other, ended) else ended
        return winner is brought
    return bool(brought.status == Status.ACTIVE)


def _agreed_again(link: Subscription, ended: Subscription) -> bool:
    if link.status != Status.ACTIVE or ended.ended_at is None:
        return False
    agreed = ConsentRecord.objects.filter(
        subscriber=link.subscriber_id, mailing_list=link.mailing_list_id, action=ConsentRecord.Action.GRANTED
    )
    return agreed.filter(recorded_at__gt=ended.ended_at).exists()


def _record_leaving(person: Subscriber, link: Subscription) -> None:
    ConsentRecord.objects.create(
        subscriber=person,
        mailing_list_id=link.mailing_list_id,
        action=ConsentRecord.Action.WITHDRAWN,
        source=ConsentRecord.Source.ADMIN,
        statement=_("Left with another address of the same person."),
        language=person.language,
    )


def _keep_wishes(stays: Subscriber, goes: Subscriber) -> None:
    """A wish was the person's, whichever address it came from; that an address is dead says nothing about the other."""
    wishes = Suppression.objects.of(goes.email).in_force().exclude(reason=Suppression.Reason.BOUNCED)
    # Of lists, what was said above already weighs who agreed again.
    for wish in wishes.filter(mailing_list=None):
        same = {"reason": wish.reason, "note": wish.note, "expires_at": wish.expires_at}
        Suppression.objects.keep([Suppression(fingerprint=stays.fingerprint, **same)])
    here = wishes.filter(mailing_list__isnull=False).exclude(reason=Suppression.Reason.LEFT)
    Suppression.objects.bulk_create(
        [
            Suppression(fingerprint=stays.fingerprint, mailing_list_id=wish.mailing_list_id, reason=wish.reason)
            for wish in here
        ],
        ignore_conflicts=True,
    )
