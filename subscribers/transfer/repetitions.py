"""Which addresses a file has named already, in twelve octets each, since a million of them must fit beside the rest."""

from __future__ import annotations

from typing import Final

_KEY: Final = 8
_ENTRY: Final = _KEY + 4


class Repetitions:
    """By fingerprint, of which 80 bits are kept: two of a million are the same once in a thousand billion files."""

    def __init__(self) -> None:
        self._shelves: dict[str, bytearray] = {}

    def first(self, fingerprint: str) -> int | None:
        """The row that named it, if one has."""
        shelf = self._shelves.get(fingerprint[-4:])
        if shelf is None:
            return None
        key = bytes.fromhex(fingerprint[-20:-4])
        at = shelf.find(key)
        # Found across the border of two entries, it is none.
        while at >= 0 and at % _ENTRY:
            at = shelf.find(key, at + 1)
        return int.from_bytes(shelf[at + _KEY : at + _ENTRY], "big") if at >= 0 else None

    def add(self, fingerprint: str, row: int) -> None:
        entry = bytes.fromhex(f"{fingerprint[-20:-4]}{row:08x}")
        shelf = self._shelves.get(fingerprint[-4:])
        if shelf is None:
            self._shelves[fingerprint[-4:]] = bytearray(entry)
        else:
            shelf += entry
