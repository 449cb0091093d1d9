"""Remembers how staff read a file, for the next one with the same headings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from subscribers.models import Import, ImportProfile
from subscribers.transfer.headings import plain
from subscribers.transfer.mapping import REMARK, letter


def fingerprint(columns: Sequence[str]) -> str:
    """Of the headings in their order; empty if there are none by which a file could be recognised.

    What a workbook of rejected rows adds does not count: its rows are read as those of the file they come from.
    """
    named = [heading for heading in columns if not heading.startswith(REMARK)]
    if named == [letter(at) for at in range(len(named))]:
        return ""
    return hashlib.sha256(json.dumps([plain(heading) for heading in named]).encode()).hexdigest()


def recall(received: Import) -> None:
    """Read it as the last one with these headings, if there was any; saving is left to the caller."""
    profile = _profile(received)
    if profile:
        received.mapping, received.attributes = profile.mapping, profile.attributes


def is_as_before(received: Import) -> bool:
    profile = _profile(received)
    return profile is not None and profile.mapping == received.mapping


def remember(received: Import) -> None:
    mark = fingerprint(received.columns)
    if mark:
        stated = {"mapping": received.mapping, "attributes": received.attributes, "existing": received.existing}
        ImportProfile.objects.update_or_create(fingerprint=mark, defaults=stated)


def _profile(received: Import) -> ImportProfile | None:
    mark = fingerprint(received.columns)
    return ImportProfile.objects.filter(fingerprint=mark).first() if mark else None
