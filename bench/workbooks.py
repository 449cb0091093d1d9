"""The same address book as a workbook. A module of its own: whoever imports openpyxl carries 13 MB more."""

from __future__ import annotations

import re
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl

from bench.imports import HEADINGS, rows, workbook
from bench.report import Figures
from bench.stopwatch import timed

SHEET = "xl/worksheets/sheet1.xml"
# Where the part with the texts is made known, and how.
MENTIONS = {
    "[Content_Types].xml": b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/'
    b'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
    "xl/_rels/workbook.xml.rels": b'<Relationship Id="texts" Target="sharedStrings.xml" Type="http://schemas.'
    b'openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>',
}
_INLINE = re.compile(rb't="inlineStr"><is>(<t[^>]*>[^<]*</t>)</is>')
_END = re.compile(rb"</\w+>\s*\Z")


def prepare(number: int) -> Figures:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("People")
    for row in (HEADINGS, *rows(number)):
        sheet.append(row)
    book.save(workbook(number))
    _share_texts(number)
    return {}


def alone(number: int) -> Figures:
    """Read, and nothing else."""

    def read() -> None:
        sheet = openpyxl.load_workbook(workbook(number), read_only=True).active
        assert sheet
        for _row in sheet.iter_rows(values_only=True):
            pass

    return {"messages": number, **timed(read)}


def _share_texts(number: int) -> None:
    """As Excel does: cells name texts that stand in a part of their own, each once (ECMA-376 part 1, 18.4)."""
    with ZipFile(workbook(number)) as given:
        parts = {name: given.read(name) for name in given.namelist()}
    texts: dict[bytes, int] = {}

    def share(cell: re.Match[bytes]) -> bytes:
        return b't="s"><v>%d</v>' % texts.setdefault(cell[1], len(texts))

    parts[SHEET] = _INLINE.sub(share, parts[SHEET])
    for name, mention in MENTIONS.items():
        parts[name] = _END.sub(mention, parts[name])
    items = b"".join(b"<si>%b</si>" % text for text in texts)
    head = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    parts["xl/sharedStrings.xml"] = head + items + b"</sst>"
    with ZipFile(workbook(number), "w", ZIP_DEFLATED) as made:
        for name, part in parts.items():
            made.writestr(name, part)
