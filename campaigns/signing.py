"""Addresses of public pages that name one delivery; number 0 names a preview or a test mail."""

from dataclasses import dataclass

from django.conf import settings

from subscribers.signing import Purpose, sign

PREVIEW = 0


@dataclass(frozen=True)
class Links:
    unsubscribe_url: str
    preferences_url: str
    # Of an unsubscribe request by mail.
    unsubscribe_subject: str


def links_of(delivery_id: int) -> Links:
    token = sign(Purpose.UNSUBSCRIBE, delivery_id)
    return Links(
        unsubscribe_url=f"{settings.BASE_URL}/u/{token}",
        preferences_url=f"{settings.BASE_URL}/p/{sign(Purpose.PREFERENCES, delivery_id)}",
        unsubscribe_subject=f"unsubscribe-{token}",
    )
