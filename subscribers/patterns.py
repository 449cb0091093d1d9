"""Domains as staff suppress them: ``example.org``, or ``*.example.org`` with everything below it."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from subscribers import addresses

BELOW: Final = "*."
# Each is another look-up for each person whom a campaign might reach.
MOST_LABELS: Final = 4


class PatternRefused(ValueError):
    """The text names no domain; ``str()`` says why in words."""


def normalise(text: str) -> str:
    """In the spelling in which it is stored. Raises PatternRefused."""
    text = text.strip().removeprefix("@").lower()
    covers_below = text.startswith(BELOW)
    domain = text.removeprefix(BELOW)
    if covers_below and domain and "." not in domain and domain.isascii() and domain.isalnum():
        return text
    try:
        domain = addresses.domain_of(addresses.normalise(f"somebody@{domain}"))
    except addresses.AddressRefused as refusal:
        raise PatternRefused(str(refusal)) from refusal
    if covers_below and domain.count(".") >= MOST_LABELS:
        raise PatternRefused(_("Behind *. there may be at most %(number)d parts.") % {"number": MOST_LABELS})
    return f"{BELOW}{domain}" if covers_below else domain


def matching(domain: str) -> list[str]:
    """Everything that would suppress an address in this domain."""
    if not domain:
        return []
    labels = domain.split(".")
    most = min(MOST_LABELS, len(labels))
    return [domain, *(f"{BELOW}{'.'.join(labels[-number:])}" for number in range(1, most + 1))]
