"""An .xlsx file, written row by row, so that a million people need no more memory than a few (ECMA-376 part 1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cache
from math import isfinite
from pathlib import Path
from typing import IO, Final
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils import timezone

from subscribers.transfer.cells import in_workbook
from subscribers.transfer.columns import Value
from subscribers.transfer.mapping import letter

MOST_ROWS: Final = 1_048_576
# Excel counts with fifteen digits, and its calendar is right from March 1900 on.
DIGITS: Final = 15
FIRST_DAY: Final = date(1900, 3, 1)
DAY_ZERO: Final = date(1899, 12, 30)
_PIECE: Final = 4_000_000
_QUICK: Final = 3
_HEADING, _DAY, _MOMENT = 1, 2, 3

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PEOPLE: Final = "People"
_SHEET: Final = "xl/worksheets/sheet1.xml"

_PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/{_SHEET}" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}">'
    '<sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_LINKS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_LINKS}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
_WIDTH: Final = 24


def heading(names: Sequence[str]) -> bytes:
    """All of the sheet above the people."""
    cells = "".join(_text(at, 1, name, style=_HEADING) for at, name in enumerate(names))
    return (
        f'{_DECLARED}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<cols><col min="1" max="{max(1, len(names))}" width="{_WIDTH}" customWidth="1"/></cols>'
        f'<sheetData><row r="1">{cells}</row>'
    ).encode()


def rows(people: Sequence[Sequence[Value]], *, first: int) -> bytes:
    """`first`: the number of the first row."""
    return "".join(_row(number, values) for number, values in enumerate(people, start=first)).encode()


def complete(rows: Path, file: Path, keep: Callable[[], None]) -> None:
    """The file is there as a whole or not at all; `keep` is called now and then, and may raise."""
    growing = rows.with_suffix(".zip")
    try:
        with ZipFile(growing, "w", ZIP_DEFLATED, compresslevel=_QUICK) as archive:
            _fill(archive, rows, keep)
        growing.replace(file)
    finally:
        growing.unlink(missing_ok=True)
    rows.unlink()


def write(file: IO[bytes], names: Sequence[str], values: Iterable[Sequence[Value]], *, title: str = PEOPLE) -> None:
    """All at once, for whoever has hardly more than some thousand rows; `title` names the sheet."""
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_QUICK) as archive, _sheet(archive, title) as sheet:
        sheet.write(heading(names))
        for number, row in enumerate(values, start=2):
            sheet.write(_row(number, row).encode())


def _fill(archive: ZipFile, rows: Path, keep: Callable[[], None]) -> None:
    with _sheet(archive) as sheet, rows.open("rb") as written:
        while piece := written.read(_PIECE):
            sheet.write(piece)
            keep()


@contextmanager
def _sheet(archive: ZipFile, title: str = PEOPLE) -> Iterator[IO[bytes]]:
    """The only one, begun by its heading."""
    for name, part in _PARTS.items():
        archive.writestr(name, _DECLARED + part.replace(f'"{PEOPLE}"', f'"{title}"'))
    with archive.open(_SHEET, "w", force_zip64=True) as sheet:
        yield sheet
        sheet.write(b"</sheetData></worksheet>")


def _row(number: int, values: Sequence[Value]) -> str:
    cells = [_cell(at, number, value) for at, value in enumerate(values) if value is not None and value != ""]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(at: int, row: int, value: Value) -> str:
    match value:
        case bool():
            return f'<c r="{_column(at)}{row}" t="b"><v>{value:d}</v></c>'
        case int() | float() if (digits := repr(value)) == _kept(value):
            return f'<c r="{_column(at)}{row}"><v>{digits}</v></c>'
        case datetime():
            # Its cells know no time zone: the site's is meant.
            since = timezone.localtime(value).replace(tzinfo=None) - datetime.combine(DAY_ZERO, datetime.min.time())
            return _number(at, row, since / timedelta(days=1), style=_MOMENT)
        case date() if value >= FIRST_DAY:
            return _number(at, row, (value - DAY_ZERO).days, style=_DAY)
        case date():
            return _text(at, row, value.isoformat())
    return _text(at, row, value if isinstance(value, str) else repr(value))


def _kept(value: float) -> str:
    """What is left of a number where fifteen digits are kept."""
    if isinstance(value, int):
        return repr(value) if abs(value) < 10**DIGITS else ""
    if not isfinite(value):
        return ""
    return repr(float(f"{value:.{DIGITS}g}"))


@cache
def _column(at: int) -> str:
    return letter(at)


def _number(at: int, row: int, value: float, *, style: int) -> str:
    return f'<c r="{_column(at)}{row}" s="{style}"><v>{value!r}</v></c>'


def _text(at: int, row: int, text: str, *, style: int = 0) -> str:
    """Text by its type, so that no program takes it for anything else."""
    shown = escape(in_workbook(text))
    return f'<c r="{_column(at)}{row}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'
