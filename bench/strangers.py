"""Addresses that a site never heard of, and such as it knows something about."""

from __future__ import annotations

FORM = "bench"
KINDS = ("known", "complained", "erased", "unknown")
# All addresses are of one length.
FIRST = 10_000


def address(kind: str, number: int, each: int) -> str:
    """Of `each` people of each kind one."""
    return f"reader{FIRST + KINDS.index(kind) * each + number}@example.org"


def people(each: int) -> int:
    """Whom the crowd must have: all but the unknown, and those before them."""
    return FIRST + each * KINDS.index("unknown")
