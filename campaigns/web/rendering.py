"""An edition as a page: for one of its readers, or for nobody in particular."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Final

from campaigns.composition import values
from campaigns.composition.markup import read
from campaigns.composition.merge import ADDRESSES, CannotCompose, Stencil
from campaigns.composition.quoted import unquoted
from campaigns.composition.recipient import Recipient
from campaigns.composition.tracking import with_links
from campaigns.models import Edition
from subscribers.models import Subscriber

from .sanitising import Page, sanitised
from .withdrawing import withdraw_personal_links

# Personal pages have no address for whoever opens the web version: it may have been passed on.
NO_ADDRESSES: Final = [b""] * len(ADDRESSES)
Repairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Shown:
    subject: str
    page: Page


@dataclass(frozen=True)
class Source:
    """All that the words of a page depend on, besides its reader."""

    language: str
    subject: str
    html: str
    repairs: Repairs = ()
    # A page has none besides.
    text: str = ""


def for_everybody(edition: Edition) -> Shown:
    return _for_everybody(source_of(edition))


def for_reader(edition: Edition, reader: Subscriber | None) -> Shown:
    """With the values of today; of somebody who was erased, or whose values make no mail, without any."""
    source = source_of(edition)
    if reader is None:
        return _for_everybody(source)
    try:
        return _filled(source, Recipient.of(reader, message_id=""))
    except CannotCompose:
        return _for_everybody(source)


def source_of(edition: Edition) -> Source:
    repaired = edition.links.exclude(repaired_url="").order_by("number").values_list("url", "repaired_url")
    return Source(edition.language, edition.subject, edition.html, tuple(repaired))


@lru_cache(maxsize=64)
def _for_everybody(source: Source) -> Shown:
    return _filled(source, stranger(source.language))


def stranger(language: str) -> Recipient:
    """Somebody of whom nothing is known."""
    return Recipient(0, "", "", "", "", language, {})


def _filled(source: Source, person: Recipient) -> Shown:
    stencil = _stencil(source)
    filled = stencil.fill(values.only(stencil.wanted, person, source.language), NO_ADDRESSES)
    root = read(unquoted(b"".join(filled.html)))
    if root is None:
        raise CannotCompose
    withdraw_personal_links(root)
    return Shown(filled.subject, sanitised(root))


@lru_cache(maxsize=64)
def _stencil(source: Source) -> Stencil:
    """Links lead where they lead, or where staff say they should have."""
    repairs: Mapping[str, str] = dict(source.repairs)
    if not repairs:
        return Stencil(source)
    html = with_links(source.html, lambda url: escape(repairs[url]) if url in repairs else url, is_html=True)
    return Stencil(Source(source.language, source.subject, html))
