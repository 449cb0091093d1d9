"""Languages and time zones as people write them, turned into the codes that we store."""

from __future__ import annotations

import re
import zoneinfo
from functools import cache, lru_cache

from babel import Locale
from babel.core import get_global
from django.conf import settings
from django.conf.locale import LANG_INFO

from subscribers.transfer.headings import plain


@lru_cache(maxsize=4096)
def language_code(text: str) -> str | None:
    """``de``, ``DEU``, ``de_AT.UTF-8``, ``Deutsch`` or ``German`` as a code such as ``de-AT``; None if unknown."""
    if text in _spoken_here():
        # The usual case, for which the names of all languages in all languages need not be in memory.
        return text
    named = _languages_by_name().get(plain(text))
    if named:
        return named
    parts = re.split(r"[-_]", re.split(r"[.@]", text.strip())[0])
    language = _known_language(parts.pop(0).lower())
    if not language:
        return None
    code = [language]
    if parts and len(parts[0]) == 4:
        code.append(parts.pop(0).title())
    if parts and (len(parts[0]) == 2 or parts[0].isdigit()):
        code.append(parts.pop(0).upper())
    english = Locale("en")
    known = all(part in english.scripts or part in english.territories for part in code[1:])
    return "-".join(code) if known and not parts else None


@lru_cache(maxsize=4096)
def time_zone(text: str) -> str | None:
    """The zone in its official spelling: ``europe/berlin``, ``America/New York`` and Windows' names are understood."""
    written = text.strip()
    return _zones().get(written.replace(" ", "_").lower()) or get_global("windows_zone_mapping").get(written)


def _known_language(code: str) -> str | None:
    alias = str(get_global("language_aliases").get(code, code))
    return alias if alias in Locale("en").languages and len(alias) in (2, 3) else None


@cache
def _spoken_here() -> frozenset[str]:
    return frozenset(code for code, _name in settings.LANGUAGES if len(code) == 2)


@cache
def _languages_by_name() -> dict[str, str]:
    """Names in the languages of the product, and each language's own name for itself."""
    names: dict[str, str] = {}
    for reader, _name in settings.LANGUAGES:
        for code, name in Locale(reader).languages.items():
            names.setdefault(plain(name), code.replace("_", "-"))
    for code, facts in LANG_INFO.items():
        names.setdefault(plain(facts.get("name_local", "")), code)
    # Two and three letters are codes: "Ga" is a language of Ghana, but also the code of Irish.
    return {name: _canonical(code) for name, code in names.items() if len(name) > 3 or not name.isascii()}


def _canonical(code: str) -> str:
    language, _, rest = code.partition("-")
    return f"{language}-{rest.title() if len(rest) == 4 else rest.upper()}" if rest else language


@cache
def _zones() -> dict[str, str]:
    return {zone.lower(): zone for zone in zoneinfo.available_timezones()}
