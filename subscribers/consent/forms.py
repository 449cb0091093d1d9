"""The names of languages, as readers choose among them."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language_info


def language_choices(current: str) -> list[tuple[str, str]]:
    """Our languages under their own names, and the reader's own if it is another one, such as pt-BR."""
    codes = [code for code, _name in settings.LANGUAGES]
    if current not in codes:
        codes.append(current)
    return [(code, own_name(code)) for code in codes]


def own_name(code: str) -> str:
    """``Deutsch`` for ``de``; the code itself for a language that Django does not know."""
    try:
        name = str(get_language_info(code.lower())["name_local"])
    except KeyError:
        return code
    return name[:1].upper() + name[1:]
