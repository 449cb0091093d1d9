"""What one person puts into the placeholders."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from campaigns import signing
from subscribers.models import Subscriber

from .placeholders import FIELDS, field_name
from .recipient import Recipient


def values_of(reader: Subscriber | Recipient, *, language: str, links: signing.Links) -> dict[str, str]:
    """All there are."""
    names = {field_name(name) for name in facts_of(reader)}
    return only(names, reader, language) | {
        "unsubscribe_url": links.unsubscribe_url,
        "preferences_url": links.preferences_url,
    }


def only(wanted: Container[str], reader: Subscriber | Recipient, language: str) -> dict[str, str]:
    """The attributes that are wanted, and what everybody has besides addresses of pages."""
    found = {
        name: (fact if type(fact) is str else words(fact)).strip()
        for attribute, fact in facts_of(reader).items()
        if (name := field_name(attribute)) in wanted
    }
    found["first_name"] = reader.first_name.strip()
    found["last_name"] = reader.last_name.strip()
    found["name"] = reader.name
    found["email"] = reader.email
    found["language"] = language
    return found


def facts_of(reader: Subscriber | Recipient) -> dict[str, Any]:
    return reader.attributes if isinstance(reader.attributes, dict) else {}


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
