"""The table of texts that the cells of a workbook share."""

from __future__ import annotations

from typing import IO

from subscribers.transfer.cells import tidy
from subscribers.transfer.sheets.xml import feed, parser


def shared_strings(source: IO[bytes]) -> list[str]:
    table = _Table()
    for _ in feed(table.parser, source):
        pass
    return table.finished()


class _Table:
    """Handlers of expat. Ends of elements only matter once a text has parts."""

    def __init__(self) -> None:
        self._strings: list[str] = []
        self._texts: list[str] = []
        self._is_open = False
        self._is_phonetic = False
        self.parser = parser(self._start, self._texts.append)

    def finished(self) -> list[str]:
        self._flush()
        return self._strings

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
            self._strings.append(tidy("".join(self._texts)))
            self._texts.clear()
