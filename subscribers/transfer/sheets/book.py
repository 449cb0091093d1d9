"""Which sheets a workbook has, and where their parts are in the file."""

from __future__ import annotations

from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Any, Final
from zipfile import ZipFile

from openpyxl.packaging.relationship import get_dependents
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from subscribers.transfer.sheets.xml import feed, local, parser

_HIDDEN: Final = ("hidden", "veryHidden")
_YES: Final = ("1", "true")


class Book:
    """Tolerant where spreadsheet programs are: what it does not need is not read."""

    def __init__(self, archive: ZipFile) -> None:
        self.epoch: datetime = CALENDAR_WINDOWS_1900
        self._keys: dict[str, str] = {}
        document = next(
            (relation.target for relation in _relations(archive, "") if _kind(relation) == "officeDocument"),
            "xl/workbook.xml",
        )
        with archive.open(document) as part:
            self._read(part)
        relations = _relations(archive, document)
        parts = {relation.Id: relation.target for relation in relations if _kind(relation) == "worksheet"}
        self.sheets = {name: parts[key] for name, key in self._keys.items() if key in parts}
        """Name → part. Hidden ones are not meant to be seen by those who got the file, let alone mailed."""
        others = {_kind(relation): relation.target for relation in relations}
        beside = PurePosixPath(document).parent
        self.strings = others.get("sharedStrings", str(beside / "sharedStrings.xml"))
        self.styles = others.get("styles", str(beside / "styles.xml"))

    def _read(self, part: IO[bytes]) -> None:
        for _ in feed(parser(self._start), part):
            pass

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "sheet" and attributes.get("state") not in _HIDDEN:
            key = next((value for name, value in attributes.items() if name.endswith(":id")), "")
            self._keys[attributes.get("name", "")] = key
        elif name == "workbookPr" and attributes.get("date1904") in _YES:
            self.epoch = CALENDAR_MAC_1904


def relations_of(part: str) -> str:
    """Where the file says what a part refers to."""
    path = PurePosixPath(part)
    return str(path.parent / "_rels" / f"{path.name}.rels")


def _relations(archive: ZipFile, part: str) -> list[Any]:
    path = relations_of(part)
    return list(get_dependents(archive, path)) if path in archive.namelist() else []


def _kind(relation: Any) -> str:
    """The end of its address; there are two, as Excel writes two kinds of .xlsx."""
    return str(relation.Type).rpartition("/")[2]
