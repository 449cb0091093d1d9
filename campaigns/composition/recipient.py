"""Who gets a mail, as plain values: thousands a second need no model instances."""

from __future__ import annotations

from typing import Any, NamedTuple

from campaigns import signing
from subscribers.models import Subscriber


class Recipient(NamedTuple):
    # 0 for a preview or a test mail.
    delivery_id: int
    # Without brackets, as it is stored with the delivery.
    message_id: str
    email: str
    first_name: str
    last_name: str
    # What the person reads; the language of the mail is its edition's.
    language: str
    attributes: dict[str, Any]
    # Whether openings and clicks may be counted by person; None: only in sums.
    may_track: bool | None = None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @classmethod
    def of(
        cls, subscriber: Subscriber, *, message_id: str, email: str = "", delivery_id: int = signing.PREVIEW
    ) -> Recipient:
        """`email` is where the mail goes if that is not the subscriber's address of today."""
        return cls(
            delivery_id,
            message_id,
            email or subscriber.email,
            subscriber.first_name,
            subscriber.last_name,
            subscriber.language,
            subscriber.attributes,
            subscriber.may_track,
        )
