"""Several names in one cell, such as ``News; "Fairs, exhibitions"``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from subscribers.models import MailingList
from subscribers.transfer.headings import plain

_ONE = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*|([^;,|]*))(?:[;,|]|\Z)')
_NEEDS_QUOTES: Final = re.compile(r'[;,|]|^\s*"|^\s|\s$')


def joined(names: Iterable[str]) -> str:
    return "; ".join(_quoted(name) if _NEEDS_QUOTES.search(name) else name for name in names)


def parted(cell: str) -> list[str]:
    found = [quoted.replace('""', '"') or bare.strip() for quoted, bare in _ONE.findall(cell)]
    return [name for name in found if name]


def lists_by_name(lists: Iterable[MailingList]) -> dict[str, int]:
    """By all of their names, also those that subscribers read; `plain` makes one of each."""
    found: dict[str, int] = {}
    for page in lists:
        for name in (page.name, page.label, *page.names.values()):
            found.setdefault(plain(name), page.pk)
    return found


def nameable(lists: Iterable[MailingList]) -> dict[int, str]:
    """What to write for each list so that it is found again: its name, unless that is another's too."""
    pages = list(lists)
    known = lists_by_name(pages)
    return {page.pk: page.name if known[plain(page.name)] == page.pk else page.label for page in pages}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
