"""Text of others on pages that may be read from the right."""

from __future__ import annotations

from django.utils.html import format_html


def isolated(words: str) -> str:
    """In its own direction, whatever that of the page is."""
    return format_html("<bdi>{}</bdi>", words)


def code(words: str) -> str:
    """An address, a domain or a fingerprint, whose signs keep their order."""
    return format_html('<bdi dir="ltr">{}</bdi>', words)
