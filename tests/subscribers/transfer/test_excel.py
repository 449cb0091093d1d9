"""Workbooks as their authors see them, whatever the file says in XML."""

from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscribers.transfer import mapping
from subscribers.transfer.faults import Fault, FileRefused
from subscribers.transfer.pipe import CELL_END
from subscribers.transfer.reading import Row
from subscribers.transfer.workbook import Workbook
from tests.subscribers.transfer.files import saved, with_part, with_sheet, workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
NUMBERED_LIKE_EXCEL = st.one_of(
    st.none(),
    st.text(alphabet="abc äÉ中\U0001f600_x000D'=&<\"", max_size=12),
    st.integers(-(10**12), 10**12),
    st.booleans(),
    st.dates(),
)


def opened(path: Path, content: bytes, **stated: object) -> Workbook:
    """What the child process reads, without the process."""
    path.write_bytes(content)
    return Workbook(path, stated)


def rows(path: Path, content: bytes, **stated: object) -> list[Row]:
    batches = list(opened(path, content, **stated).batches(250))
    return [
        Row(number, line.split(CELL_END))
        for batch in batches
        for number, line in zip(batch.numbers, batch.lines, strict=True)
    ]


def cells(path: Path, content: bytes, **stated: object) -> list[list[str]]:
    return [row.cells for row in rows(path, content, **stated)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.xlsx"


def with_shared_strings(content: bytes, strings: str) -> bytes:
    return with_part(content, "xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{strings}</sst>')


def sheet_of(*values: str) -> bytes:
    """One row of raw cells."""
    return with_sheet(f'<row r="1">{"".join(values)}</row>')


def test_shared_texts_with_formats_and_readings_are_plain_text(file: Path) -> None:
    sheet = sheet_of('<c r="A1" t="s"><v>0</v></c>', '<c r="B1" t="s"><v>1</v></c>', '<c r="C1" t="s"><v>2</v></c>')
    strings = """<si><r><rPr><b/></rPr><t>An</t></r>
        <r><t xml:space="preserve">n </t></r></si>
        <si><t>春子</t><rPh sb="0" eb="1"><t>ハルコ</t></rPh></si><si><t>_x005F_x000D_ _x0041_</t></si>"""

    assert cells(file, with_shared_strings(sheet, strings)) == [["Ann", "春子", "_x000D_ A"]]


def test_inline_texts_with_formats_and_readings_are_plain_text(file: Path) -> None:
    sheet = sheet_of(
        '<c t="inlineStr"><is>\n <r><t>An</t></r>\n <r><t>n</t></r>\n</is></c>',
        '<c t="inlineStr"><is><t>春子</t><rPh sb="0" eb="1"><t>ハルコ</t></rPh></is></c><c><v>7</v></c>',
    )

    assert cells(file, sheet) == [["Ann", "春子", "7"]]


@pytest.mark.parametrize(
    ("value", "format_code", "shown"),
    [
        (1234, "00000", "01234"),
        (123456, "00000", "123456"),
        (1234567, "000-0000", "123-4567"),
        (301234567, '"("000") "000-0000', "(030) 123-4567"),
        (0.5, "0.00", "0.5"),
        (45000, "#,##0", "45000"),
        (45000, "dd.mm.yyyy", "2023-03-15"),
        (45000.75, "dd.mm.yyyy hh:mm", "2023-03-15 18:00:00"),
        (0.5, "hh:mm", "12:00:00"),
        (1.5, "[h]:mm", "1 day, 12:00:00"),
        (10**9, "dd.mm.yyyy", ""),
    ],
)
def test_numbers_are_read_as_their_format_shows_them(file: Path, value: float, format_code: str, shown: str) -> None:
    book = openpyxl.Workbook()
    book.active.append([value, "end"])
    book.active["A1"].number_format = format_code

    assert cells(file, saved(book)) == [[shown, "end"]]


@pytest.mark.parametrize(
    ("written", "shown"),
    [("0.30000000000000004", "0.3"), ("1E+3", "1000"), ("4.9301234567E10", "49301234567"), ("007", "007"), ("x", "x")],
)
def test_numbers_are_as_long_as_excel_shows_them(file: Path, written: str, shown: str) -> None:
    assert cells(file, sheet_of(f"<c><v>{written}</v></c>")) == [[shown]]


def test_days_are_counted_as_the_workbook_counts_them(file: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active.append([43538])
    book.active["A1"].number_format = "dd.mm.yyyy"

    assert cells(file, saved(book)) == [["2023-03-15"]]


def test_errors_are_blank_and_formulas_without_a_result_are_said(file: Path) -> None:
    sheet = sheet_of(
        '<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c>',
        '<c r="B1"><f>SUM(1,1)</f><v>2</v></c>',
        '<c r="C1"><f>NOW()</f></c>',
        '<c r="D1" t="str"><f>"a"&amp;"b"</f><v>ab</v></c>',
    )

    assert cells(file, sheet) == [["", "2", "", "ab"]]
    assert opened(file, sheet).settled["notes"] == {"uncalculated": 1}


def test_a_link_to_a_mail_stands_in_for_an_address_that_is_not_spelled_out(file: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["Name", "Email"], ["Ann", "write to her"], ["Bob", None], ["Chloé", "chloe@example.org"]):
        book.active.append(row)
    book.active["B2"].hyperlink = "mailto:ann@example.org?subject=Hello"
    book.active["B3"].hyperlink = "MAILTO:bob%2Bnews@example.org"
    book.active["B3"].value = None
    book.active["B3"].number_format = "0"
    book.active["B4"].hyperlink = "mailto:other@example.org"

    assert cells(file, saved(book)) == [
        ["Name", "Email"],
        ["Ann", "write to her <ann@example.org>"],
        ["Bob", "bob+news@example.org"],
        ["Chloé", "chloe@example.org"],
    ]


def test_a_link_by_formula_counts_as_one(file: Path) -> None:
    sheet = sheet_of('<c t="str"><f>HYPERLINK("mailto:ann@example.org","Ann")</f><v>Ann</v></c>')

    assert cells(file, sheet) == [["Ann <ann@example.org>"]]


def test_headings_in_two_rows_of_merged_cells_are_found(file: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["Email", "Person", None], [None, "First name", "Last name"], ["ann@example.org", "Ann", "Lee"]):
        book.active.append(row)
    book.active.merge_cells("A1:A2")
    book.active.merge_cells("B1:C1")

    read = rows(file, saved(book))

    assert mapping.find_heading(read) == 2
    assert mapping.column_names(read, 2) == ["Email", "First name", "Last name"]


def test_what_is_merged_over_several_people_is_said_of_each(file: Path) -> None:
    book = openpyxl.Workbook()
    people = (["Firm", "Email"], ["Acme", "ann@example.org"], [None, "bob@example.org"], [], [None, "c@example.org"])
    for row in people:
        book.active.append(row)
    book.active.merge_cells("A2:A4")

    firms = [row[0] for row in cells(file, saved(book))]

    assert firms == ["Firm", "Acme", "Acme", ""]


def test_hidden_rows_and_columns_are_left_out_said_and_read_on_demand(file: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["Email", "Secret", "Name"], ["ann@example.org", "x", "Ann"], ["bob@example.org", "y", "Bob"]):
        book.active.append(row)
    book.active.column_dimensions["B"].hidden = True
    book.active.row_dimensions[2].hidden = True
    content = saved(book)

    assert cells(file, content) == [["Email", "", "Name"], ["bob@example.org", "", "Bob"]]
    assert opened(file, content).settled["notes"] == {"hidden_rows": 1, "hidden_columns": 1}
    assert [row[1] for row in cells(file, content, hidden=True)] == ["Secret", "x", "y"]


def test_the_sheet_with_addresses_is_proposed(file: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Read me first"])
    book.create_sheet("Gäste 'A' & <B>").append(["ann@example.org"])

    assert opened(file, saved(book)).settled["sheet"] == "Gäste 'A' & <B>"


def test_rows_and_cells_that_say_not_where_they_are_are_counted(file: Path) -> None:
    sheet = with_sheet("<row><c><v>1</v></c><c><v>2</v></c></row><row/><row r='2'><c r='C2'><v>3</v></c></row>")

    assert rows(file, sheet) == [Row(1, ["1", "2"]), Row(3, ["", "", "3"])]


def test_the_stricter_kind_of_workbook_and_other_prefixes_are_read(file: Path) -> None:
    content = with_part(
        with_part(workbook(["x"]), "xl/worksheets/sheet1.xml", PREFIXED),
        "xl/workbook.xml",
        f'<x:workbook xmlns:x="{MAIN}" xmlns:k="{STRICT}"><x:sheets>'
        '<x:sheet name="A" sheetId="1" state="show" k:id="rId1"/></x:sheets></x:workbook>',
    )

    assert cells(file, content) == [["ann@example.org", "2"]]


PREFIXED = (
    f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1">'
    '<x:c r="A1" t="inlineStr"><x:is><x:t>ann@example.org</x:t></x:is></x:c>'
    '<x:c r="B1"><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>'
)


def test_a_workbook_without_anything_is_refused(file: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        opened(file, workbook())

    assert refused.value.fault == Fault.NO_SHEET


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(NUMBERED_LIKE_EXCEL, min_size=1, max_size=6))
def test_cells_say_what_openpyxl_reads(file: Path, values: list[object]) -> None:
    content = workbook(["begin", *values, "end"])

    (row,) = cells(file, content)

    file.write_bytes(content)
    book = openpyxl.load_workbook(file, read_only=True)
    (expected,) = book.active.iter_rows(values_only=True)
    book.close()
    assert len(row) == len(expected)
    assert [cell for cell, value in zip(row, expected, strict=True) if isinstance(value, int)] == [
        str(value).lower() for value in expected if isinstance(value, int)
    ]
    assert [bool(cell) for cell in row] == [value is not None and bool(str(value).strip()) for value in expected]
