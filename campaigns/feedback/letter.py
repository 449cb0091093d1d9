"""The mail whose link somebody follows, as far as we still know it."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.models import Delivery, Sender
from campaigns.signing import PREVIEW
from subscribers import readable, signing
from subscribers.models import MailingList, Subscriber


@dataclass(frozen=True)
class Letter:
    number: int
    delivery: Delivery | None = None
    subscriber: Subscriber | None = None

    @property
    def is_trial(self) -> bool:
        """A preview or a test mail: it was nobody's, so there is nothing to change."""
        return self.number == PREVIEW

    @property
    def sender(self) -> Sender | None:
        campaign = self.delivery and self.delivery.campaign
        return campaign.sender if campaign else None

    @property
    def address(self) -> str:
        if self.subscriber:
            return self.subscriber.email
        return self.delivery.email if self.delivery else ""

    @property
    def masked_address(self) -> str:
        return readable.masked(self.address)

    def lists(self) -> list[MailingList]:
        """Those by which the mail was sent; what goes to segments alone goes by any list."""
        campaign = self.delivery and self.delivery.campaign
        return list(campaign.mailing_lists.all() or MailingList.objects.all()) if campaign else []


def opened(purpose: signing.Purpose, token: str) -> Letter:
    """Also for mails and people that are long gone: their links must not look broken. Raises BadToken."""
    number = signing.read(purpose, token)
    rows = Delivery.objects.select_related("subscriber", "campaign__sender")
    delivery = rows.filter(pk=number).first() if number != PREVIEW else None
    return Letter(number, delivery, _person(delivery) if delivery else None)


def _person(delivery: Delivery) -> Subscriber | None:
    """Somebody deleted and imported again is another row with the same address."""
    return delivery.subscriber or Subscriber.objects.filter(email=delivery.email).first()
