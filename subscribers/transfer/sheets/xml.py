"""XML of foreign workbooks, piece by piece, by the parser underneath openpyxl's own and at a fraction of its cost.

A document that declares anything (entities, a document type) is refused before its first element, as defusedxml
does it for the short parts that openpyxl reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Final
from xml.parsers.expat import ParserCreate, XMLParserType

from subscribers.transfer.faults import Fault, FileRefused

_PIECE: Final = 262_144

Start = Callable[[str, dict[str, str]], object]


def parser(start: Start, text: Callable[[str], object] | None = None) -> XMLParserType:
    made = ParserCreate()
    made.buffer_text = True
    made.StartDoctypeDeclHandler = _refuse
    made.EntityDeclHandler = _refuse
    made.StartElementHandler = start
    if text:
        made.CharacterDataHandler = text
    return made


def feed(made: XMLParserType, source: IO[bytes]) -> Iterator[None]:
    """Parse a piece at each step."""
    while piece := source.read(_PIECE):
        made.Parse(piece, False)
        yield
    made.Parse(b"", True)
    yield


def local(name: str) -> str:
    """Without the prefix of its namespace."""
    return name.rpartition(":")[2]


def _refuse(*_declared: object) -> None:
    raise FileRefused(Fault.UNSAFE_XML)
