"""Where the links of an edition lead, kept in this process for a moment."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from time import monotonic
from typing import Final, NamedTuple

from django.db import Error
from django.utils.encoding import iri_to_uri

from campaigns.models import Link

# Until a repaired link leads elsewhere in every process.
FRESH_SECONDS: Final = 5.0
# So many editions at once, some hundred kilobytes at most of each.
MOST: Final = 200
SCHEMES: Final = ("http://", "https://")


class Kept(NamedTuple):
    until: float
    locations: Mapping[str, str]


_kept: dict[int, Kept] = {}
_lock = Lock()


def locations(edition: int) -> Mapping[str, str]:
    """By the number of the link as a mail spells it, where it leads as a header says it.

    While the database is away, as it was when it was last there. Raises django.db.Error if nobody has ever asked.
    """
    kept = _kept.get(edition)
    if kept and monotonic() < kept.until:
        return kept.locations
    try:
        found = _read(edition)
    except Error:
        if kept is None:
            raise
        found = kept.locations
    _keep(edition, found)
    return found


def forget() -> None:
    """So that what was just changed is seen at once, in this process."""
    with _lock:
        _kept.clear()


def _read(edition: int) -> Mapping[str, str]:
    targets = {str(link.number): iri_to_uri(link.target) for link in Link.objects.filter(edition=edition)}
    return {number: target for number, target in targets.items() if target.lower().startswith(SCHEMES)}


def _keep(edition: int, found: Mapping[str, str]) -> None:
    with _lock:
        _kept.pop(edition, None)
        if len(_kept) >= MOST:
            # The one that nobody asked for the longest.
            del _kept[next(iter(_kept))]
        _kept[edition] = Kept(monotonic() + FRESH_SECONDS, found)
