"""What one person puts into the placeholders."""

from __future__ import annotations

from campaigns import signing
from subscribers.models import Subscriber

from .placeholders import FIELDS, field_name
from .recipient import Recipient


def values_of(subscriber: Subscriber | Recipient, *, language: str, links: signing.Links) -> dict[str, str]:
    facts = subscriber.attributes if isinstance(subscriber.attributes, dict) else {}
    return {field_name(str(name)): words(value).strip() for name, value in facts.items()} | {
        "first_name": subscriber.first_name.strip(),
        "last_name": subscriber.last_name.strip(),
        "name": subscriber.name,
        "email": subscriber.email,
        "language": language,
        "unsubscribe_url": links.unsubscribe_url,
        "preferences_url": links.preferences_url,
    }


def sample(language: str) -> Subscriber:
    """Somebody made up, for previews before there is anybody."""
    return Subscriber(
        email=FIELDS["email"].sample,
        first_name=FIELDS["first_name"].sample,
        last_name=FIELDS["last_name"].sample,
        language=language,
    )


def words(value: object) -> str:
    """A JSON value as text; nothing and false are empty, so that conditions on them do not hold."""
    if value is None or value is False:
        return ""
    if isinstance(value, list):
        return ", ".join(filter(None, map(words, value)))
    return str(value)
