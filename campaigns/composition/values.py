"""What one person puts into the placeholders."""

from __future__ import annotations

import re

from django.db import connection

from campaigns import signing
from subscribers.models import Subscriber

from .placeholders import FIELDS

NOT_IN_NAMES = re.compile(r"\W+")
SELECT_NAMES = {
    "postgresql": (
        "SELECT DISTINCT jsonb_object_keys(attributes) FROM subscribers_subscriber "
        "WHERE jsonb_typeof(attributes) = 'object'"
    ),
    "sqlite": "SELECT DISTINCT each.key FROM subscribers_subscriber, json_each(attributes) AS each",
}


def known_fields() -> set[str]:
    """The fields every subscriber has, and those that at least one has."""
    return set(FIELDS) | known_attributes()


def known_attributes() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(SELECT_NAMES[connection.vendor])
        return {field_name(str(name)) for (name,) in cursor.fetchall()}


def field_name(attribute: str) -> str:
    """How authors write an attribute: ``Company name`` is ``{{ Company_name }}``."""
    return NOT_IN_NAMES.sub("_", attribute).strip("_")


def values_of(subscriber: Subscriber, *, language: str, delivery_id: int) -> dict[str, str]:
    facts = subscriber.attributes if isinstance(subscriber.attributes, dict) else {}
    return {field_name(str(name)): words(value) for name, value in facts.items()} | {
        "first_name": subscriber.first_name,
        "last_name": subscriber.last_name,
        "name": subscriber.name,
        "email": subscriber.email,
        "language": language,
        "unsubscribe_url": signing.unsubscribe_url(delivery_id),
        "preferences_url": signing.preferences_url(delivery_id),
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
