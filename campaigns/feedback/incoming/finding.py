"""Which of our mails a mail that came in is about: only what we signed, or what nobody can guess, proves it."""

from __future__ import annotations

import re
from typing import Final

from campaigns.feedback.letter import Letter, opened
from campaigns.models import Delivery
from subscribers import addresses
from subscribers.signing import BadToken, Purpose

from .anatomy import Fields

# As it stands in the mailto address of List-Unsubscribe.
TOKEN: Final = re.compile(r"unsubscribe-([a-z2-7]{20,80})(?![a-z0-9])", re.IGNORECASE)
# Whoever writes more is guessing.
MOST_TOKENS: Final = 3


def by_token(text: str) -> Letter | None:
    for found in list(TOKEN.finditer(text))[:MOST_TOKENS]:
        try:
            return opened(Purpose.UNSUBSCRIBE, found[1])
        except BadToken:
            continue
    return None


def by_returned(headers: Fields, recipient: str) -> Letter | None:
    """By the headers of the mail that comes back, else by its Message-ID if we mailed that recipient."""
    return by_token(headers.get("list-unsubscribe", "")) or _by_message_id(headers.get("message-id", ""), recipient)


def _by_message_id(written: str, recipient: str) -> Letter | None:
    """Mail of the application has no token. Its Message-ID is random, and nobody else but its reader knows it."""
    message_id = written.strip().strip("<>")
    try:
        address = addresses.normalise(recipient)
    except addresses.AddressRefused:
        return None
    if not message_id:
        return None
    theirs = Delivery.objects.to(address).filter(message_id=message_id)
    delivery = theirs.select_related("subscriber", "campaign__sender").first()
    return Letter(delivery.pk, delivery, delivery.subscriber) if delivery else None
