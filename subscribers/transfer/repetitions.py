"""Which addresses a file has named already, in twelve octets each, since a million of them must fit beside the rest."""

from __future__ import annotations

from typing import Final

_KEY: Final = 8
_ENTRY: Final = _KEY + 4
_ONE_OF: Final = 0x10000


class Repetitions:
    """By fingerprint, of which 80 bits are kept: two of a million are the same once in a thousand billion files."""

    def __init__(self) -> None:
        self._shelves: dict[int, bytearray] = {}

    def first(self, fingerprint: str) -> int | None:
        """The row that named it, if one has."""
        shelf = self._shelves.get(_shelf(fingerprint))
        if shelf is None:
            return None
        key = _key(fingerprint)
        at = shelf.find(key)
        # Found across the border of two entries, it is none.
        while at >= 0 and at % _ENTRY:
            at = shelf.find(key, at + 1)
        return int.from_bytes(shelf[at + _KEY : at + _ENTRY], "big") if at >= 0 else None

    def add(self, fingerprint: str, row: int) -> None:
        self._shelves.setdefault(_shelf(fingerprint), bytearray()).extend(_key(fingerprint) + row.to_bytes(4, "big"))


def _shelf(fingerprint: str) -> int:
    return int(fingerprint[-4:], 16) % _ONE_OF


def _key(fingerprint: str) -> bytes:
    return bytes.fromhex(fingerprint[-20:-4])
