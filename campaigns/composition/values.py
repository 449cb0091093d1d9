"""What one person puts into the placeholders."""

from __future__ import annotations

import re
from collections.abc import Container
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import override

from campaigns import signing
from subscribers.models import Subscriber

from .placeholders import FIELDS, field_name
from .recipient import Recipient

# As attributes that are dates are stored.
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def values_of(reader: Subscriber | Recipient, *, language: str, links: signing.Links) -> dict[str, str]:
    """All there are."""
    names = {field_name(name) for name in facts_of(reader)}
    return only(names, reader, language) | {
        "unsubscribe_url": links.unsubscribe_url,
        "preferences_url": links.preferences_url,
        "web_version_url": links.web_version_url,
    }


def only(wanted: Container[str], reader: Subscriber | Recipient, language: str) -> dict[str, str]:
    """The attributes that are wanted, and what everybody has besides addresses of pages."""
    found = {
        name: (fact if type(fact) is str and not ISO_DATE.fullmatch(fact) else words(fact, language)).strip()
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


def words(value: object, language: str) -> str:
    """A JSON value as its reader writes it; nothing and false are empty, so that conditions on them do not hold."""
    if value is None or value is False:
        return ""
    if isinstance(value, list):
        return ", ".join(filter(None, (words(part, language) for part in value)))
    if isinstance(value, str):
        return _date(value, language) if ISO_DATE.fullmatch(value) else value
    return _number(value, language) if isinstance(value, float) else str(value)


@lru_cache(maxsize=4096)
def _date(text: str, language: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    with override(language):
        return date_format(day, "DATE_FORMAT")


@lru_cache(maxsize=4096)
def _number(number: float, language: str) -> str:
    """Without grouping: it may be a year or a number of a customer."""
    with override(language):
        return number_format(number, use_l10n=True, force_grouping=False)
