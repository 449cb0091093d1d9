"""Write down what came back, once."""

from __future__ import annotations

from django.db import transaction

from campaigns.models import Delivery, Event
from subscribers.consent import flows
from subscribers.consent.flows import Evidence
from subscribers.models import LeavingReason, MailingList, Suppression

from .letter import Letter


@transaction.atomic
def unsubscribed(letter: Letter, evidence: Evidence) -> list[MailingList]:
    """The person leaves all lists by which this mail came; repeating it changes nothing."""
    if letter.subscriber is None:
        _remember_wish(letter)
        return []
    left = flows.unsubscribe(letter.subscriber, letter.lists(), evidence)
    credit(letter, left)
    return left


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


def credit(letter: Letter, left: list[MailingList]) -> None:
    """The mail that made somebody leave, not a later click in an older one. Within the transaction of leaving."""
    if letter.delivery and left:
        Event.objects.get_or_create(delivery=letter.delivery, kind=Event.Kind.UNSUBSCRIBED)


def leaving(letter: Letter) -> Event | None:
    """That the reader left by this mail, as long as anything may be said about it."""
    if letter.subscriber is None or letter.delivery is None:
        return None
    return Event.objects.filter(delivery=letter.delivery, kind=Event.Kind.UNSUBSCRIBED).select_related("reason").first()


def gave_reason(event: Event, reason: LeavingReason | None, words: str) -> None:
    """The newest word counts."""
    event.reason, event.words = reason, words
    event.save(update_fields=["reason", "words"])


def _remember_wish(letter: Letter) -> None:
    """Somebody whom staff deleted may be imported again, and does not want to be mailed then."""
    if letter.address:
        Suppression.objects.add(letter.address, Suppression.Reason.LEFT)
