"""Values of attributes as people write them, turned into what JSON holds for their kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from subscribers.models import Attribute
from subscribers.transfer.headings import plain

Kind = Attribute.Kind
Value = str | int | float | bool
# Raises ValueError for what is none of its kind.
Read = Callable[[str], Value]

_SIGNS = re.compile(r"[\s'’€$£¥%]+")
_NUMBER = re.compile(r"[-+]?\d[\d.,]*(?:[eE][-+]?\d{1,2})?|[-+]?[.,]\d+")
_LONGEST_NUMBER: Final = 30
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ][\d:.+Z-]*)?")
_YEAR_FIRST = re.compile(r"(\d{4})[./年 ]\s*(\d{1,2})[./月 ]\s*(\d{1,2})日?")
_YEAR_LAST = re.compile(r"(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4})")
_EVIDENT_COMMA = re.compile(r"[-+]?\d*,(?:\d{1,2}|\d{4,})|[-+]?\d{1,3}(?:\.\d{3})+,\d+|[-+]?\d{1,3}(?:\.\d{3}){2,}")

_YES: Final = "yes y true 1 x ✓ ✔ ☑ on ja j wahr oui o vrai si sí s verdadero نعم صحيح はい 真 ○ 有"
_NO: Final = "no n false 0 - ✗ ✘ ☐ off nein falsch non faux falso لا خطأ خاطئ いいえ 偽 × 無"


@dataclass(frozen=True)
class Habits:
    """How whoever made the file writes what can be read in two ways."""

    month_first: bool = False
    decimal_comma: bool = False

    @classmethod
    def evident_in(cls, texts: Iterable[str]) -> Habits:
        """From the first rows of a column: there is no 13th month, and nobody groups two digits."""
        month_first = day_first = commas = 0
        for text in texts:
            found = _YEAR_LAST.fullmatch(text.strip())
            if found:
                day_first += int(found[1]) > 12
                month_first += int(found[3]) > 12
            commas += bool(_EVIDENT_COMMA.fullmatch(_SIGNS.sub("", text)))
        return cls(month_first=month_first > day_first, decimal_comma=commas > 0)


def reader(kind: str, choices: Sequence[str] = (), habits: Habits | None = None) -> Read:
    habits = habits or Habits()
    match kind:
        case Kind.NUMBER:
            return lambda text: number(text, decimal_comma=habits.decimal_comma)
        case Kind.DATE:
            return lambda text: day(text, month_first=habits.month_first)
        case Kind.BOOLEAN:
            return boolean
        case Kind.CHOICE:
            spelt = {plain(choice): choice for choice in choices}
            return lambda text: _chosen(text, spelt)
    return str


def number(text: str, *, decimal_comma: bool = False) -> int | float:
    """``1,234.5`` and ``1.234,5``: of two different marks the last one is the decimal one. Raises ValueError."""
    bare = _SIGNS.sub("", text)
    if len(bare) > _LONGEST_NUMBER or not _NUMBER.fullmatch(bare) or not bare.isascii():
        raise ValueError(text)
    mark = _decimal_mark(bare, decimal_comma=decimal_comma)
    digits = bare.replace("." if mark == "," else ",", "")
    written = float(digits.replace(",", "."))
    exact = re.fullmatch(r"[-+]?\d+", digits)
    if exact:
        return int(digits)
    return int(written) if written.is_integer() and abs(written) < 2**53 else written


def _decimal_mark(bare: str, *, decimal_comma: bool) -> str:
    point, comma = bare.rfind("."), bare.rfind(",")
    if point >= 0 and comma >= 0:
        mark = "," if comma > point else "."
        _refuse_unless(bare.count(mark) == 1, bare)
        return mark
    if bare.count(".") > 1:
        return ","
    if bare.count(",") > 1:
        return "."
    if comma >= 0:
        # 1,234 are thousands, unless its neighbours write 1,5.
        return "," if decimal_comma or not re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", bare) else "."
    grouped = decimal_comma and re.fullmatch(r"[-+]?[1-9]\d{0,2}\.\d{3}", bare)
    return "," if grouped else "."


def day(text: str, *, month_first: bool = False) -> str:
    """As ``2026-05-03``. Raises ValueError."""
    bare = text.strip()
    if found := _ISO.fullmatch(bare) or _YEAR_FIRST.fullmatch(bare):
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    found = _YEAR_LAST.fullmatch(bare)
    _refuse_unless(found is not None, text)
    assert found
    one, other = int(found[1]), int(found[3])
    if month_first:
        one, other = other, one
    return date(int(found[4]), other, one).isoformat()


def boolean(text: str) -> bool:
    """In the languages of the product. Raises ValueError."""
    word = text.strip().casefold()
    _refuse_unless(word in _words(), text)
    return _words()[word]


@cache
def _words() -> dict[str, bool]:
    return {word.casefold(): truth for truth, words in ((True, _YES), (False, _NO)) for word in words.split()}


def _chosen(text: str, spelt: dict[str, str]) -> str:
    found = spelt.get(plain(text))
    _refuse_unless(found is not None, text)
    return str(found)


def _refuse_unless(is_good: bool, text: str) -> None:
    if not is_good:
        raise ValueError(text)
