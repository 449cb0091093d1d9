"""The number formats of a workbook: of all that its styles say, the only part that changes what a cell means."""

from __future__ import annotations

from typing import IO

from openpyxl.styles.numbers import BUILTIN_FORMATS

from subscribers.transfer.sheets.xml import feed, local, parser


def number_formats(source: IO[bytes]) -> dict[int, str]:
    """By the number of the style that cells name."""
    table = _Table()
    made = parser(table.start)
    made.EndElementHandler = table.end
    for _ in feed(made, source):
        pass
    return {at: table.patterns[key] for at, key in enumerate(table.styles) if key in table.patterns}


class _Table:
    """Handlers of expat."""

    def __init__(self) -> None:
        self.patterns = dict(BUILTIN_FORMATS)
        self.styles: list[int] = []
        self._are_of_cells = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "numFmt" and attributes.get("numFmtId", "").isdigit():
            self.patterns[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            self._are_of_cells = True
        elif name == "xf" and self._are_of_cells:
            self.styles.append(int(attributes.get("numFmtId", "0")))

    def end(self, name: str) -> None:
        if local(name) == "cellXfs":
            self._are_of_cells = False
