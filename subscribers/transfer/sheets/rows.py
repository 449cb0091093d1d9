"""The rows of one sheet, from its XML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import IO

from subscribers.transfer.cells import tidy
from subscribers.transfer.faults import MOST_COLUMNS, Fault, FileRefused
from subscribers.transfer.sheets import links, places, shown
from subscribers.transfer.sheets.strings import Strings
from subscribers.transfer.sheets.xml import feed, local, parser

_DIGITS = "0123456789"
_HIGHEST_ROW = 2**31 - 1
_YES = ("1", "true")

Cells = list[str]
# Given the number of a row and its cells, puts right what the row alone does not say.
Finish = Callable[[int, Cells, dict[int, str]], None]


class Rows:
    """Handlers of expat that collect the cells of a row, and the rows of a piece of the document.

    The end of a cell is seen at the beginning of what follows it: that saves half of the calls.
    """

    def __init__(
        self, strings: Strings, formats: Mapping[str, shown.Format], finish: Finish, *, shows_hidden: bool
    ) -> None:
        self._strings = strings
        self._known = strings.known
        self._formats = formats
        self._finish = finish
        self._shows_hidden = shows_hidden
        self.uncalculated = 0
        self._done: list[tuple[int, Cells]] = []
        self._texts: list[str] = []
        self._number = 0
        self._is_hidden = False
        self._cells: Cells = []
        self._links: dict[int, str] = {}
        self._column = -1
        self._kind: str | None = None
        self._style: str | None = None
        self._holds_value = self._holds_formula = self._is_phonetic = False
        self._parser = parser(self._root, self._texts.append)

    def read(self, source: IO[bytes]) -> Iterator[tuple[int, Cells]]:
        """Number and cells of each row that is not blank."""
        for _ in feed(self._parser, source):
            yield from self._done
            self._done.clear()
        self._end_row()
        yield from self._done

    def _root(self, name: str, _attributes: dict[str, str]) -> None:
        prefix = name.removesuffix(local(name))
        self._row, self._c, self._v, self._f = (prefix + tag for tag in ("row", "c", "v", "f"))
        self._inline, self._t, self._phonetic = (prefix + tag for tag in ("is", "t", "rPh"))
        self._parser.StartElementHandler = self._start

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._v:
            if self._holds_formula:
                self._end_formula()
                self.uncalculated -= 1
            self._texts.clear()
            self._holds_value = True
            return
        if self._holds_value:
            self._end_value()
        elif self._holds_formula:
            self._end_formula()
        if name == self._c:
            place = attributes.get("r")
            self._column = places.column(place.rstrip(_DIGITS)) if place else self._column + 1
            self._kind = attributes.get("t")
            self._style = attributes.get("s")
        elif name == self._row:
            self._end_row()
            self._number = self._next_number(attributes.get("r"))
            self._is_hidden = attributes.get("hidden") in _YES and not self._shows_hidden
        else:
            self._start_rare(name)

    def _start_rare(self, name: str) -> None:
        if name == self._f:
            self._texts.clear()
            self._holds_formula = True
        elif name == self._inline:
            self._texts.clear()
            self._parser.EndElementHandler = self._end
            self._parser.CharacterDataHandler = None
        elif name == self._phonetic:
            self._is_phonetic = True
        elif name == self._t and not self._is_phonetic:
            self._parser.CharacterDataHandler = self._texts.append

    def _end(self, name: str) -> None:
        """Called within an inline text only, where what stands between its parts is none of it."""
        if name == self._t:
            self._parser.CharacterDataHandler = None
        elif name == self._phonetic:
            self._is_phonetic = False
        elif name == self._inline:
            self._parser.EndElementHandler = None
            self._parser.CharacterDataHandler = self._texts.append
            self._put(tidy("".join(self._texts)))

    def _end_formula(self) -> None:
        self._holds_formula = False
        linked = links.address_of_formula("".join(self._texts))
        if linked and self._column < MOST_COLUMNS:
            self._links[self._column] = linked
        # Until its value is found.
        self.uncalculated += 1

    def _end_value(self) -> None:
        self._holds_value = False
        texts = self._texts
        text = texts[0] if len(texts) == 1 else "".join(texts)
        kind = self._kind
        if kind == "s":
            try:
                self._put(self._known[int(text)])
            except IndexError:
                self._put(self._strings.reach(int(text)))
        elif kind is None or kind == "n":
            text = text.strip()
            if text:
                show = self._formats.get(self._style) if self._style else None
                self._put(show(text) if show else shown.number(text))
        elif kind != "e":
            self._put(self._other(kind, text))

    def _other(self, kind: str, text: str) -> str:
        if kind == "b":
            return "true" if text.strip() in _YES else "false"
        if kind == "d":
            return shown.iso_moment(text.strip())
        return tidy(text)

    def _put(self, value: str) -> None:
        if not value:
            return
        cells = self._cells
        gap = self._column - len(cells)
        if gap < 0:
            cells[self._column] = value
            return
        if self._column >= MOST_COLUMNS:
            raise FileRefused(Fault.TOO_MANY_COLUMNS, most=MOST_COLUMNS)
        if gap:
            cells.extend([""] * gap)
        cells.append(value)

    def _end_row(self) -> None:
        if self._holds_value:
            self._end_value()
        elif self._holds_formula:
            self._end_formula()
        cells = self._cells
        self._finish(self._number, cells, self._links)
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            if not self._is_hidden:
                self._done.append((self._number, cells))
            self._cells = []
        if self._links:
            self._links = {}
        self._column = -1

    def _next_number(self, stated: str | None) -> int:
        """Rows that are counted wrongly are counted on, so that each has a number of its own."""
        number = self._number + 1
        if stated:
            number = max(number, int(float(stated)))
        if number > _HIGHEST_ROW:
            raise FileRefused(Fault.DAMAGED)
        return number
