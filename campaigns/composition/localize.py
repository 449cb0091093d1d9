"""Which language somebody gets, and which way it is written."""

from __future__ import annotations

from collections.abc import Iterable

# Languages written from right to left in their usual script (ISO 639), and scripts by name (ISO 15924).
RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "syr", "ug", "ur", "yi"})
RIGHT_TO_LEFT_SCRIPTS = frozenset({"adlm", "arab", "hebr", "nkoo", "rohg", "syrc", "thaa"})


def resolve(language: str, available: Iterable[str], default: str) -> str:
    """The best of `available` as it is spelled there: ``zh-Hant-TW`` → ``zh-Hant`` → ``zh`` → the default."""
    spelled = {_plain(code): code for code in available}
    code = _plain(language)
    while code:
        if code in spelled:
            return spelled[code]
        code = code.rpartition("-")[0]
    return spelled.get(_plain(default), default)


def direction(language: str) -> str:
    """``rtl`` or ``ltr``."""
    code, *subtags = _plain(language).split("-")
    script = next((subtag for subtag in subtags if len(subtag) == 4 and subtag.isalpha()), None)
    right_to_left = script in RIGHT_TO_LEFT_SCRIPTS if script else code in RIGHT_TO_LEFT
    return "rtl" if right_to_left else "ltr"


def _plain(code: str) -> str:
    return code.strip().replace("_", "-").lower()
