"""What mail knows about people: to be told, and to be erased without changing any sum."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Attachment, Attempt, Delivery, Event, Message, StoredFile, Stretch
from subscribers.privacy.holdings import Holding, People, Row, register
from subscribers.privacy.traces import Traces

EMPTY: Final = {
    "subject": "", "to": [], "cc": [], "reply_to": [], "headers": [],
    "body": "", "alternatives": [], "is_sealed": False,
}  # fmt: skip


def tell_deliveries(people: People) -> Iterable[Row]:
    for delivery in _deliveries(people).select_related("campaign", "copy_of").order_by("pk"):
        yield {
            "campaign": delivery.campaign.name if delivery.campaign else "",
            "subject": delivery.copy_of.subject if delivery.copy_of else "",
            "email": delivery.email,
            "status": delivery.get_status_display(),
            "reason": delivery.reason,
            "message_id": delivery.message_id,
            "created_at": delivery.created_at,
            "finished_at": delivery.finished_at,
        }


def erase_deliveries(people: People) -> None:
    """The rows stay, because the sum of each campaign needs them, and tell of nobody."""
    _wait_for_planners(people)
    theirs = list(_deliveries(people).values_list("pk", "email", "copy_of"))
    numbers = [number for number, _email, _copy_of in theirs]
    traces = Traces(people.addresses | {email for _number, email, _copy_of in theirs if email})
    traces.remove_from(Attempt.objects.filter(delivery__in=numbers).exclude(answer=""), "answer")
    Event.objects.filter(delivery__in=numbers).exclude(words="").update(words="")
    deliveries = Delivery.objects.filter(pk__in=numbers)
    traces.remove_from(deliveries.exclude(reason=""), "reason")
    # What a lane has in its hands may still leave; whatever comes of it is not written down any more.
    waiting = {"status": Delivery.Status.SKIPPED, "reason": Delivery.Skip.GONE, "finished_at": timezone.now()}
    deliveries.queued().update(**waiting)
    deliveries.update(email="", subscriber=None)
    _empty_messages({copy_of for _number, _email, copy_of in theirs if copy_of})


def tell_attempts(people: People) -> Iterable[Row]:
    for attempt in Attempt.objects.filter(delivery__in=_deliveries(people).values("pk")).order_by("pk"):
        yield {
            "tried_at": attempt.tried_at,
            "outcome": attempt.get_outcome_display(),
            "code": attempt.code,
            "answer": attempt.answer,
        }


def tell_events(people: People) -> Iterable[Row]:
    for event in (
        Event.objects.filter(delivery__in=_deliveries(people).values("pk")).select_related("reason").order_by("pk")
    ):
        yield {
            "happened_at": event.happened_at,
            "kind": event.get_kind_display(),
            "link": event.link or None,
            "is_suspect": event.is_suspect,
            "reason": str(event.reason or ""),
            "words": event.words,
        }


def tell_messages(people: People) -> Iterable[Row]:
    copies = _deliveries(people).exclude(copy_of=None).values("copy_of")
    for message in Message.objects.filter(pk__in=copies).order_by("pk"):
        yield {
            "created_at": message.created_at,
            "from_email": message.from_email,
            "to": message.to,
            "cc": message.cc,
            "subject": message.subject,
            "body": message.body,
        }


def _deliveries(people: People) -> QuerySet[Delivery]:
    return Delivery.objects.filter(Q(subscriber__in=people.numbers) | Q(subscriber=None, email__in=people.addresses))


def _wait_for_planners(people: People) -> None:
    """Whoever plans for these people at this moment writes rows for them; whoever comes later finds them gone."""
    if people.numbers:
        near = Stretch.objects.unplanned().filter(first__lte=max(people.numbers), last__gte=min(people.numbers))
        list(near.select_for_update().order_by("pk").values("pk"))


def _empty_messages(numbers: set[int]) -> None:
    """Unless somebody else still waits for the mail: then only the address goes from what it shows."""
    done = list(Message.objects.done().filter(pk__in=numbers).values_list("pk", flat=True))
    attached = set(Attachment.objects.filter(message__in=done).values_list("stored", flat=True))
    Attachment.objects.filter(message__in=done).delete()
    Message.objects.filter(pk__in=done).update(**EMPTY, emptied_at=timezone.now())
    for stored in StoredFile.objects.filter(pk__in=attached, attachments=None):
        storage, name = stored.file.storage, stored.file.name
        stored.delete()
        transaction.on_commit(lambda storage=storage, name=name: storage.delete(name))  # type: ignore[misc]


register(Holding("mails", _("Mails"), [Delivery], tell_deliveries, erase_deliveries))
register(Holding("attempts", _("Tries to deliver them"), [Attempt], tell_attempts))
register(Holding("events", _("What came back"), [Event], tell_events))
register(Holding("messages", _("Mail of the application"), [Message, Attachment, StoredFile], tell_messages))
