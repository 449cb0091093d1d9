"""The table of texts that the cells of a workbook share."""

from __future__ import annotations

from io import BytesIO
from typing import IO, Final

from subscribers.transfer.cells import tidy
from subscribers.transfer.faults import MEGABYTE, Fault, FileRefused
from subscribers.transfer.sheets.xml import feed, parser

# A million and a half texts, of which a workbook of the largest size hardly holds half.
_MOST_TAGS: Final = 6_000_000
_SHORTEST_TAG: Final = len("<t>")


def check_strings(source: IO[bytes], size: int) -> None:
    """Before anything is parsed, which takes fifty times as long. Raises FileRefused."""
    tags = 0
    while size > _MOST_TAGS * _SHORTEST_TAG and (piece := source.read(MEGABYTE)):
        tags += piece.count(b"<")
        if tags > _MOST_TAGS:
            raise FileRefused(Fault.TOO_MUCH_WORK)


class Strings:
    """`known` as far as they were needed: the first rows of a sheet mostly refer to the first texts.

    Handlers of expat. Ends of elements only matter once a text has parts.
    """

    def __init__(self, source: IO[bytes] | None = None) -> None:
        self.known: list[str] = []
        self._texts: list[str] = []
        self._is_open = False
        self._is_phonetic = False
        self.parser = parser(self._start, self._texts.append)
        self._rest = feed(self.parser, source or BytesIO(b"<sst/>"))

    def reach(self, at: int) -> str:
        """Raises IndexError if there are not as many."""
        for _ in self._rest:
            if at < len(self.known):
                return self.known[at]
        self._flush()
        return self.known[at]

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "si":
            self._flush()
            self._is_open = True
        elif name == "r" or name == "rPh":
            # How a word is pronounced stands beside it, and is no part of it.
            self._is_phonetic = name == "rPh"
            self.parser.EndElementHandler = self._end
        if name != "t" or self._is_phonetic:
            self.parser.CharacterDataHandler = None
        else:
            self.parser.CharacterDataHandler = self._texts.append

    def _end(self, name: str) -> None:
        self.parser.CharacterDataHandler = None
        if name.rpartition(":")[2] == "rPh":
            self._is_phonetic = False

    def _flush(self) -> None:
        if self._is_open:
            self.known.append(tidy("".join(self._texts)))
            self._texts.clear()
            self._is_open = False
