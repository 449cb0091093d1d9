"""Mails of the application in a lane's hands: restored once for all their recipients, the most urgent first."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Now

from campaigns.composition.merge import CannotCompose
from campaigns.composition.recipient import Recipient
from campaigns.composition.stored import StoredMessage, restored
from campaigns.delivery import batches
from campaigns.delivery.desk import Mail
from campaigns.delivery.feed import Feed
from campaigns.delivery.insist import insist
from campaigns.delivery.limits import Asked
from campaigns.delivery.replies import Kind, Outcome
from campaigns.models import Batch, Delivery, Message, Transport
from subscribers.models import Suppression

logger = logging.getLogger(__name__)

# The place of a mail among those that were claimed together: of its batch, and its own number.
Place = tuple[int, int]
START: Place = (0, 0)


class PostDesk:
    """For any number of batches. Keeps one mail with its attachments in memory, because they are read in turn."""

    def __init__(self) -> None:
        self._latest: tuple[int, StoredMessage, str] | None = None

    def waiting(self, claimed: Sequence[int], after: Place, most: int) -> list[tuple[Place, Mail]]:
        """The next due mails of these batches, in their order."""
        rows = insist(lambda: list(_rows(claimed, after)[:most]), reads=True)
        emails = [email for _number, _message_id, email, _tries, _copy_of, _place in rows]
        dead = insist(lambda: dead_among(emails), reads=True)
        return [
            (
                (place, number),
                Mail(
                    number,
                    Recipient(number, message_id, email, "", "", "", {}),
                    None,
                    None,
                    tries,
                    is_wanted=email not in dead,
                    copy_of=copy_of,
                ),
            )
            for number, message_id, email, tries, copy_of, place in rows
        ]

    def compose(self, mail: Mail) -> StoredMessage | Outcome:
        assert mail.copy_of
        try:
            message, envelope_from = self._restored(mail.copy_of)
            return message.copy_for(mail.recipient.email, envelope_from)
        except CannotCompose as error:
            return Outcome(Kind.INVALID, answer=str(error))
        except Exception as error:
            # A storage may come back; whatever else is wrong with one mail must not stop the others.
            is_away = isinstance(error, OSError) and not isinstance(error, FileNotFoundError)
            logger.exception("Delivery %s cannot be composed.", mail.number)
            return Outcome(Kind.DEFERRED if is_away else Kind.INVALID, answer=f"{type(error).__name__}: {error}")

    def is_ready_for(self, mails: Sequence[Mail]) -> bool:
        return not mails

    def why_unwanted(self, mails: list[Mail]) -> dict[int, str]:
        return {mail.number: Delivery.Skip.SUPPRESSED for mail in mails if not mail.is_wanted}

    def _restored(self, number: int) -> tuple[StoredMessage, str]:
        if self._latest is None or self._latest[0] != number:
            # If the database is away, nothing is wrong with the mail.
            self._latest = insist(lambda: (number, *_restored(number)), reads=True)
        return self._latest[1:]


def _restored(number: int) -> tuple[StoredMessage, str]:
    message = Message.objects.get(pk=number)
    return restored(message), message.envelope_from


def _rows(claimed: Sequence[int], after: Place) -> QuerySet[Delivery, tuple[int, str, str, int, int, int]]:
    begun, number = after
    place = Case(*(When(batch=batch, then=Value(at)) for at, batch in enumerate(claimed)), output_field=IntegerField())
    read = Q(batch=claimed[begun], pk__lte=number)
    rows = Delivery.objects.queued().filter(~read, batch__in=claimed[begun:], due_at__lte=Now()).annotate(place=place)
    return rows.order_by("place", "pk").values_list("pk", "message_id", "email", "tries", "copy_of", "place")


def dead_among(emails: Iterable[str]) -> set[str]:
    """Addresses and domains that bounced get nothing. Who only left the newsletters still gets what was asked for."""
    dead = Suppression.Reason.BOUNCED
    return {email for email, stop in Suppression.objects.in_force().everywhere().filter(reason=dead).among(emails)}


class Bundle(Feed):
    """Batches of the application in a lane's hands."""

    def __init__(self, claimed: Sequence[Batch], desk: PostDesk) -> None:
        super().__init__()
        self.claimed = claimed
        self.desk: PostDesk = desk
        self.numbers = [batch.pk for batch in claimed]
        self.read_to = START
        self.places: dict[int, Place] = {}

    def asked(self, mails: Sequence[Mail], transport: Transport) -> Asked:
        return Asked(mails, [transport])

    def read(self, room: int) -> list[Mail]:
        most = min(room, self.most)
        found = self.desk.waiting(self.numbers, self.read_to, most)
        self.is_dry = len(found) < most
        if found:
            self.read_to = found[-1][0]
        self.places |= {mail.number: place for place, mail in found}
        return [mail for _place, mail in found if self.is_news(mail)]

    def rewind(self, numbers: Iterable[int]) -> None:
        first = min((self.places[number] for number in numbers), default=None)
        if first is not None and first <= self.read_to:
            place, number = first
            self.read_to, self.is_dry = (place, number - 1), False

    def put_back(self, owner: str) -> None:
        batches.put_back_all(self.claimed, owner, self.later.items())

    def refresh(self) -> None:
        """No limit is its own."""
