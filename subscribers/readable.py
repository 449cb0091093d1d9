"""Addresses and domains in the letters of those who chose them, as long as these look like no others."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

import idna

from subscribers import addresses

_ENCODED: Final = "xn--"
# Small letters of other alphabets that many fonts draw like Latin ones.
_LATIN_LOOKING: Final = frozenset("авеԁһіјӏкмопрсԛѕтуѵԝхҽьѡαγικνορτυχωηօոսհցյքզ")


def address(text: str) -> str:
    local, at, domain_part = text.rpartition("@")
    return f"{local}{at}{domain(domain_part)}"


def masked(text: str) -> str:
    """Tells readers which of their addresses is meant, and finders of a link not much."""
    local, at, domain_part = text.rpartition("@")
    return f"{local[:1]}…{at}{domain(domain_part)}" if at else ""


@lru_cache(maxsize=4_096)
def domain(text: str) -> str:
    """Of what is stored, a pattern included; as it is, if it could be taken for another one."""
    if _ENCODED not in text:
        return text
    labels = text.split(".")
    try:
        shown = [idna.decode(label) if label.startswith(_ENCODED) else label for label in labels]
    except (idna.IDNAError, UnicodeError):
        return text
    is_honest = all(_is_honest(label, ending=shown[-1]) for label in shown)
    return ".".join(shown) if is_honest and [_encoded(label) for label in shown] == labels else text


def stored(text: str) -> str:
    """What somebody types to find it, in the spelling in which it is stored; of an unfinished word, the same word."""
    before, at, domain_part = text.strip().lower().rpartition("@")
    return f"{before}{at}{'.'.join(map(_encoded, domain_part.split('.')))}"


def _encoded(label: str) -> str:
    if label.isascii():
        return label
    try:
        return idna.encode(label, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return label


def _is_honest(label: str, *, ending: str) -> bool:
    if label.isascii():
        return True
    if any(unicodedata.category(sign) in ("Cf", "Cc", "Zs") for sign in label) or addresses.mixes_alphabets(label):
        return False
    # Where the country's own ending is of the same alphabet, readers know it.
    letters = {sign for sign in label if sign.isalpha()}
    return not letters <= _LATIN_LOOKING or not ending.isascii()
