"""How a list looks to its readers: name, logo, colours and words, in the language of the page that shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html, format_html_join, urlize
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from subscribers.models import Brand, MailingList

from . import palette

# Where brands have words of their own.
TEXTS: Final = {
    "sign_up": _("Below the button for signing up"),
    "confirmed": _("After a sign-up was confirmed"),
    "preferences": _("Above the choices of what to get"),
    "left": _("After somebody left"),
}
_LINK: Final = re.compile(r"\[([^\[\]\n]+)\]\((https?://[^\s()]+|mailto:[^\s()]+)\)")


@dataclass(frozen=True)
class Look:
    """What templates show of a brand. Addresses are paths on this site; mails use those of ``absolute``."""

    brand: Brand
    language: str

    @property
    def name(self) -> str:
        return self.brand.name

    @cached_property
    def css(self) -> str:
        return palette.stylesheet(self.brand.accent, self.brand.paper)

    @property
    def stylesheet(self) -> str:
        return reverse("brand_stylesheet", args=[self.brand.pk, digest(self.css.encode())])

    @property
    def logo(self) -> str:
        """Empty without one. Its file is named for what is in it."""
        file = PurePosixPath(self.brand.logo.name or "")
        return reverse("brand_logo", args=[self.brand.pk, file.stem, file.suffix[1:]]) if file.suffix else ""

    @property
    def absolute_logo(self) -> str:
        return self.logo and f"{settings.BASE_URL}{self.logo}"

    @property
    def day(self) -> palette.Palette:
        return palette.by_day(self.brand.accent, self.brand.paper)

    @property
    def night(self) -> palette.Palette:
        return palette.by_night(self.brand.accent)

    @property
    def footer(self) -> SafeString:
        return with_links(in_language(self.brand.footers, self.language))

    @property
    def plain_footer(self) -> str:
        """For the text part of mails."""
        return _LINK.sub(r"\1: \2", in_language(self.brand.footers, self.language)).strip()

    @cached_property
    def texts(self) -> dict[str, SafeString]:
        """By the names of ``TEXTS``; empty where nothing was written."""
        return {name: with_links(in_language(self.brand.texts.get(name, {}), self.language)) for name in TEXTS}


def brand_of(lists: Iterable[MailingList]) -> Brand | None:
    """Of several lists with different ones, that of the first list which has any."""
    number = next((each.brand_id for each in lists if each.brand_id), None)
    return Brand.objects.filter(pk=number).first() if number else None


def look_of(lists: Iterable[MailingList]) -> Look | None:
    """For the context of templates, as ``brand``; in the language that is active now."""
    brand = brand_of(lists)
    return look(brand) if brand else None


def look(brand: Brand) -> Look:
    return Look(brand, translation.get_language() or settings.LANGUAGE_CODE)


def in_language(words: dict[str, str], language: str) -> str:
    """Falls back as ``pt-BR`` → ``pt`` → those for all other languages, under the empty code."""
    written = {code.lower(): text for code, text in words.items() if text}
    code = language.lower()
    return written.get(code) or written.get(code.partition("-")[0]) or written.get("", "")


def with_links(text: str) -> SafeString:
    """Lines as they were written, ``[words](https://…)`` and plain addresses as links, and all else as text."""
    lines = text.strip().splitlines()
    return format_html_join(SafeString("<br>"), "{}", ((_linked(line),) for line in lines))


def digest(content: bytes) -> str:
    return blake2b(content, digest_size=8).hexdigest()


def _linked(line: str) -> SafeString:
    parts, end = [], 0
    for found in _LINK.finditer(line):
        parts += [_plain(line[end : found.start()]), format_html('<a href="{}">{}</a>', found[2], found[1])]
        end = found.end()
    return format_html_join("", "{}", ((part,) for part in [*parts, _plain(line[end:])]))


def _plain(text: str) -> SafeString:
    return SafeString(urlize(text, autoescape=True))
