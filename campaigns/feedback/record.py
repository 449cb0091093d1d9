"""Write down what came back, once."""

from __future__ import annotations

from django.db import transaction

from campaigns.models import Delivery, Event
from subscribers.consent import flows
from subscribers.consent.flows import Changes, Evidence, Preferences
from subscribers.models import MailingList, Subscriber, Suppression

from .letter import Letter


@transaction.atomic
def unsubscribed(letter: Letter, evidence: Evidence) -> list[MailingList]:
    """The person leaves all lists by which this mail came; repeating it changes nothing."""
    if letter.subscriber is None:
        _remember_wish(letter)
        return []
    left = flows.unsubscribe(letter.subscriber, letter.lists(), evidence)
    _credit(letter, left)
    return left


@transaction.atomic
def left_everything(letter: Letter, subscriber: Subscriber, evidence: Evidence) -> list[MailingList]:
    left = flows.leave_everything(subscriber, evidence)
    _credit(letter, left)
    return left


@transaction.atomic
def changed_preferences(letter: Letter, subscriber: Subscriber, wanted: Preferences, evidence: Evidence) -> Changes:
    changes = flows.change_preferences(subscriber, wanted, evidence)
    _credit(letter, changes.left)
    return changes


@transaction.atomic
def complained(letter: Letter, evidence: Evidence) -> None:
    """Whoever calls a mail spam wants no more of any kind."""
    if letter.delivery:
        Event.objects.get_or_create(delivery=letter.delivery, kind=Event.Kind.COMPLAINED)
    if letter.subscriber:
        flows.unsubscribe(letter.subscriber, letter.lists(), evidence)
    if letter.address:
        Suppression.objects.add(letter.address, Suppression.Reason.COMPLAINED)


@transaction.atomic
def bounced(delivery: Delivery, answer: str, *, is_dead: bool) -> None:
    """Of somebody who was erased only that it happened: the server's words may hold the address."""
    words = answer if delivery.email else ""
    Event.objects.get_or_create(delivery=delivery, kind=Event.Kind.BOUNCED, defaults={"words": words})
    if is_dead and delivery.email:
        # The address that was mailed, not the one that the person has by now.
        Suppression.objects.add(delivery.email, Suppression.Reason.BOUNCED, note=words)


def _credit(letter: Letter, left: list[MailingList]) -> None:
    """The mail that made somebody leave, not a later click in an older one."""
    if letter.delivery and left:
        Event.objects.get_or_create(delivery=letter.delivery, kind=Event.Kind.UNSUBSCRIBED)


def _remember_wish(letter: Letter) -> None:
    """Somebody whom staff deleted may be imported again, and does not want to be mailed then."""
    if letter.address:
        Suppression.objects.add(letter.address, Suppression.Reason.LEFT)
