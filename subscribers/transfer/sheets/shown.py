"""Numbers and moments as their reader sees them, as far as the format of the cell tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from openpyxl.styles.numbers import is_date_format, is_timedelta_format
from openpyxl.utils.datetime import from_excel

Format = Callable[[str], str]

# Zeros that are always shown, with what stands between them: 00000, 000-000, (000) 000 0000.
_ZEROS = re.compile(r"[-0 ()/\\\"]*0[-0 ()/\\\"]*")
_DIGITS_OF_EXCEL = 15


def formats(patterns: Mapping[int, str], epoch: datetime) -> dict[str, Format]:
    """By the number of a cell's style, for those that change what is seen."""
    found: dict[str, Format] = {}
    for style, pattern in patterns.items():
        if is_date_format(pattern):
            found[str(style)] = _moments(epoch, lasts=is_timedelta_format(pattern))
        elif _shows_zeros(pattern.split(";")[0]):
            found[str(style)] = _filled(pattern.split(";")[0])
    return found


def number(text: str) -> str:
    """Excel writes 1E+2 and 0.30000000000000004 where it shows 100 and 0.3."""
    if text.isdigit() and len(text) <= _DIGITS_OF_EXCEL:
        return text
    try:
        value = float(text)
        return str(int(value)) if value.is_integer() else format(value, f".{_DIGITS_OF_EXCEL}g")
    except (ValueError, OverflowError):
        return text


def iso_moment(text: str) -> str:
    """As the newer kind of .xlsx may write it."""
    return text.removesuffix("Z").replace("T", " ").removesuffix(" 00:00:00")


def _shows_zeros(pattern: str) -> bool:
    """Whether it shows zeros that no number has."""
    return pattern.count("0") > 1 and bool(_ZEROS.fullmatch(pattern))


def _filled(pattern: str) -> Format:
    pattern = re.sub(r'[\\"]', "", pattern)

    def show(text: str) -> str:
        digits = number(text)
        if not digits.isdigit():
            return digits
        left = list(digits.zfill(pattern.count("0")))
        shown = [left.pop() if letter == "0" else letter for letter in reversed(pattern)]
        return "".join(left) + "".join(reversed(shown))

    return show


def _moments(epoch: datetime, *, lasts: bool) -> Format:
    def show(text: str) -> str:
        try:
            return _moment(from_excel(float(text), epoch, timedelta=lasts))
        except (ValueError, OverflowError):
            # No day that a calendar has; Excel shows a row of hashes.
            return ""

    return show


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("seconds")
    return "" if value is None else str(value)
