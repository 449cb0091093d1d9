"""Which addresses a file has named already, in twelve octets each, since a million of them must fit beside the rest."""

from __future__ import annotations

from typing import Final

_KEY: Final = 8
_ENTRY: Final = _KEY + 4
_SHELVES: Final = 2**14
_SHELF: Final = _SHELVES - 1


class Repetitions:
    """By 64 bits of a keyed hash: two of a million are taken for one in a file of forty million such files."""

    def __init__(self) -> None:
        self._shelves = [bytearray() for _shelf in range(_SHELVES)]

    def meet(self, email: str, row: int) -> int:
        """The row that named it first; 0 if this one does."""
        number = hash(email)
        shelf, key = self._shelves[number & _SHELF], number.to_bytes(_KEY, "big", signed=True)
        at = shelf.find(key)
        # Found across the border of two entries, it is none.
        while at >= 0 and at % _ENTRY:
            at = shelf.find(key, at + 1)
        if at >= 0:
            return int.from_bytes(shelf[at + _KEY : at + _ENTRY], "big")
        shelf += key + row.to_bytes(_ENTRY - _KEY, "big")
        return 0
