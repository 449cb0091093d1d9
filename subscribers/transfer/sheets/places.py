"""Names of cells, ``B7``, as numbers: rows count from 1 as their reader sees them, columns from 0."""

from __future__ import annotations

import re
from functools import cache

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,10})")
_WHOLE_SHEET = (1, 0, 1_048_576, 16_383)


@cache
def column(letters: str) -> int:
    """``A`` → 0. Raises ValueError."""
    if not (0 < len(letters) <= 3 and letters.isascii() and letters.isalpha()):
        raise ValueError(letters)
    at = 0
    for letter in letters.upper():
        at = at * 26 + ord(letter) - ord("A") + 1
    return at - 1


def area(name: str) -> tuple[int, int, int, int]:
    """Top, left, bottom and right of ``B7`` or ``B7:C9``; of whole rows and columns the whole sheet."""
    corners = [_CELL.fullmatch(corner) for corner in name.split(":")[:2]]
    found = [(int(corner[2]), column(corner[1])) for corner in corners if corner]
    if not found or len(found) < len(corners):
        return _WHOLE_SHEET
    (top, left), (bottom, right) = found[0], found[-1]
    return top, left, bottom, right
