"""Languages as staff write and read them."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

# RFC 5646 in its everyday form: language, script, region, variants.
_TAG = re.compile(r"[a-z]{2,3}(-[a-z]{4})?(-([a-z]{2}|\d{3}))?(-([a-z0-9]{5,8}|\d[a-z0-9]{3}))*", re.IGNORECASE)


def canonical(code: str) -> str:
    """``PT_br`` as ``pt-BR`` and ``zh-hant`` as ``zh-Hant``. Raises ValidationError for what is no language code."""
    code = code.strip().replace("_", "-")
    if not _TAG.fullmatch(code):
        raise ValidationError(_("Write a language code such as de, pt-BR or zh-Hant."), code="language")
    first, *rest = code.split("-")
    return "-".join([first.lower(), *map(_canonical_part, rest)])


def name_of(code: str) -> str:
    """In the reader's own words as far as Django knows the language, else the code itself."""
    try:
        name: str = get_language_info(code.lower())["name_translated"]
    except KeyError:
        return code
    return name


def _canonical_part(part: str) -> str:
    if len(part) == 2:
        return part.upper()
    return part.title() if len(part) == 4 and part.isalpha() else part.lower()
