"""Addresses of public pages that name one delivery; number 0 names a preview or a test mail."""

from django.conf import settings

from subscribers.signing import Purpose, sign

PREVIEW = 0


def unsubscribe_url(delivery_id: int) -> str:
    return f"{settings.BASE_URL}/u/{sign(Purpose.UNSUBSCRIBE, delivery_id)}"


def preferences_url(delivery_id: int) -> str:
    return f"{settings.BASE_URL}/p/{sign(Purpose.PREFERENCES, delivery_id)}"


def unsubscribe_subject(delivery_id: int) -> str:
    """The subject of an unsubscribe request by mail."""
    return f"unsubscribe-{sign(Purpose.UNSUBSCRIBE, delivery_id)}"
