"""Files that are meant to hurt, or are not what they say: a clear word, soon, and the worker lives."""

import io
import random
import time
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from subscribers.transfer import reading
from subscribers.transfer.faults import Fault, FileRefused
from subscribers.transfer.reading import Source, look
from tests.subscribers.transfer.files import SHEET, with_part, with_sheet, workbook

COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)
CELL = '<c r="%s" t="inlineStr"><is><t>ann@example.org</t></is></c>'
TENFOLD = "".join(f'<!ENTITY {new} "{f"&{old};" * 10}">' for old, new in pairwise("abcdefghi"))
ENTITIES = f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{TENFOLD}]>'
OTHER = Fault.OTHER_WORKBOOK
CROWD_OF_SHEETS = (
    f'<workbook xmlns:r="x"><sheets>{"".join(f"""<sheet name="{at}" r:id="rId1"/>""" for at in range(5_000))}</sheets>'
    "</workbook>"
)
HUNDRED_THOUSAND_CELLS = "".join(f"<c><v>{at}</v></c>" for at in range(100_000))
FAR_APART = f'<row r="1">{CELL % "A1"}</row><row r="1048576">{CELL % "XFD1048576"}</row>'


def zipped(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return file.getvalue()


def with_entities() -> bytes:
    strings = (
        f'<?xml version="1.0"?>{ENTITIES}<worksheet><sheetData><row><c><v>&i;</v></c></row></sheetData></worksheet>'
    )
    return with_part(workbook(["x"]), "xl/worksheets/sheet1.xml", strings)


def with_outside_file() -> bytes:
    strings = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>'
    return with_part(workbook(["x"]), "xl/worksheets/sheet1.xml", strings)


def with_texts(each: str) -> bytes:
    return with_part(
        workbook(["x"]), "xl/sharedStrings.xml", f"<sst>{''.join(each % at for at in range(1_600_000))}</sst>"
    )


HOSTILE: dict[str, tuple[Callable[[], bytes], Fault]] = {
    "nothing.xlsx": (lambda: b"", Fault.EMPTY),
    "blanks.csv": (lambda: b" \n\r\n\t", Fault.EMPTY),
    "page.xlsx": (lambda: b"\xef\xbb\xbf\n<!DOCTYPE HTML><html><table>", Fault.WEB_PAGE),
    "page.csv": (lambda: b"<table><tr><td>ann@example.org", Fault.WEB_PAGE),
    "text.xlsx": (lambda: b"Email\nann@example.org\n", Fault.NOT_A_WORKBOOK),
    "other.xlsx": (lambda: zipped(word__document_xml=b"<x/>"), Fault.NOT_A_WORKBOOK),
    "old.xls": (lambda: COMPOUND_FILE, Fault.OLD_WORKBOOK),
    "locked.xlsx": (lambda: COMPOUND_FILE + "EncryptedPackage".encode("utf-16-le"), Fault.ENCRYPTED),
    "picture.csv": (lambda: bytes(range(1, 32)) * 90, Fault.NOT_TEXT),
    "cut.xlsx": (lambda: workbook(["ann@example.org"])[:-30], Fault.DAMAGED),
    "broken.xlsx": (lambda: with_sheet("<row><c></row>"), Fault.DAMAGED),
    "bomb.xlsx": (lambda: zipped(xl__workbook_xml=bytes(200_000_000)), Fault.BOMB),
    "crowd.xlsx": (lambda: zipped(**{f"part{at}": b"" for at in range(501)}), Fault.BOMB),
    "entities.xlsx": (with_entities, Fault.UNSAFE_XML),
    "outside.xlsx": (with_outside_file, Fault.UNSAFE_XML),
    "far.xlsx": (lambda: with_sheet(FAR_APART), Fault.TOO_MANY_COLUMNS),
    "wide.xlsx": (lambda: with_sheet(f"<row>{HUNDRED_THOUSAND_CELLS}</row>"), Fault.TOO_MANY_COLUMNS),
    "sheets.xlsx": (lambda: with_part(workbook(["x"]), "xl/workbook.xml", CROWD_OF_SHEETS), Fault.BOMB),
    "texts.xlsx": (lambda: with_texts("<si><t>%x</t></si>"), Fault.TOO_MUCH_WORK),
    "parts-of-texts.xlsx": (lambda: with_texts("<r><t>%x</t></r>"), Fault.TOO_MUCH_WORK),
    "binary.xlsb": (lambda: zipped(xl__workbook=b"", **{"xl/workbook.bin": b""}), Fault.OTHER_WORKBOOK),
    "open.ods": (lambda: zipped(content_xml=b"<x/>"), Fault.OTHER_WORKBOOK),
    "packed.zip": (lambda: zipped(**{"people.csv": b"Email"}), Fault.ARCHIVE),
    "old.xml": (lambda: b'<?xml version="1.0"?><x xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', OTHER),
    "friends.vcf": (lambda: b"BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n", Fault.ADDRESS_CARDS),
    "paper.txt": (lambda: b"%PDF-1.7\n1 0 obj\n", Fault.NOT_TEXT),
    "noise.csv": (lambda: random.Random(1).randbytes(500_000), Fault.NOT_TEXT),
    "endless.csv": (lambda: b"x" * 20_000_000, Fault.ENDLESS_LINE),
    "quote.csv": (lambda: b'Email\n"Ann\n' + b"bob@example.org\n" * 1_000_000, Fault.UNCLOSED_QUOTE),
    "nothing-but-nul.csv": (lambda: bytes(3_000_000), Fault.ENDLESS_LINE),
    "wide.csv": (lambda: b"a," * 300 + b"b\n", Fault.TOO_MANY_COLUMNS),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_a_clear_word(tmp_path: Path, name: str) -> None:
    make, fault = HOSTILE[name]
    file = tmp_path / name
    file.write_bytes(make())

    with pytest.raises(FileRefused) as refused:
        look(Source(file, name))

    assert refused.value.fault == fault


def test_a_forged_size_reserves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "forged.xlsx"
    forged = with_sheet(f'<row r="2">{CELL % "A2"}</row>', before='<dimension ref="A1:XFD1048576"/>')
    file.write_bytes(forged)

    _, rows = look(Source(file, file.name))

    assert [(row.number, row.cells) for row in rows] == [(2, ["ann@example.org"])]


@pytest.mark.parametrize("most", [1, 20_000])
def test_merged_cells_and_hidden_columns_beyond_all_measure_cost_little(tmp_path: Path, most: int) -> None:
    file = tmp_path / "merged.xlsx"
    merges = "".join(f'<mergeCell ref="A{1 + at % 50}:XFD{1_048_576 - at}"/>' for at in range(most))
    rows = "".join(f'<row r="{at}"><c r="A{at}"><v>{at}</v></c></row>' for at in range(1, 1_000))
    columns = '<cols><col min="1" max="16384"/></cols>'
    sheet = SHEET % f"{columns}<sheetData>{rows}</sheetData><mergeCells>{merges}</mergeCells>"
    file.write_bytes(with_part(workbook(["x"]), "xl/worksheets/sheet1.xml", sheet))

    _, rows = look(Source(file, file.name))

    assert rows[5].cells == ["6"]


def test_a_file_that_needs_too_much_memory_stops_its_reader_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MEMORY", 100 * 1024 * 1024)
    file = tmp_path / "many.xlsx"
    strings = "".join(f"<si><t>😀 {at}@example.org</t></si>" for at in range(600_000))
    last = with_sheet('<row><c t="s"><v>599999</v></c></row>')
    file.write_bytes(with_part(last, "xl/sharedStrings.xml", f"<sst>{strings}</sst>"))

    with pytest.raises(FileRefused) as refused:
        look(Source(file, file.name))

    assert refused.value.fault in (Fault.TOO_MUCH_MEMORY, Fault.TOO_MUCH_WORK, Fault.CRASHED)


def test_a_file_that_keeps_its_reader_busy_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LOOK_SECONDS", 1)
    file = tmp_path / "empty-rows.xlsx"
    cells = "<c/>" * 8
    file.write_bytes(with_sheet("".join(f'<row r="{at}">{cells}</row>' for at in range(1, 1_000_000))))
    start = time.monotonic()

    with pytest.raises(FileRefused) as refused:
        look(Source(file, file.name))

    assert refused.value.fault == Fault.TOO_MUCH_WORK
    assert time.monotonic() - start < 10
