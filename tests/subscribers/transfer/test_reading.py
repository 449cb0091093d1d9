"""What a file says, whoever wrote it."""

import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from subscribers.transfer.faults import Fault, FileRefused
from subscribers.transfer.reading import Row, Source, look
from tests.subscribers.transfer.files import saved, with_sheet, workbook


def read(folder: Path, content: bytes, name: str, **dialect: object) -> list[Row]:
    file = folder / name
    file.write_bytes(content)
    return look(Source(file, name, dialect))[1]


def dialect_of(folder: Path, content: bytes) -> dict[str, str]:
    file = folder / "people.csv"
    file.write_bytes(content)
    return look(Source(file, file.name))[0].dialect


def test_cells_read_as_people_see_them(tmp_path: Path) -> None:
    moment = dt.datetime(2025, 5, 3, 14, 30)
    row = [
        "Ann ",
        12.0,
        1.5,
        10**12,
        True,
        dt.date(2025, 5, 3),
        moment,
        dt.time(9, 5),
        None,
        "#N/A",
        "a_x000D_b",
        "_x005F_",
    ]

    (read_row,) = read(tmp_path, workbook(row), "a.xlsx")

    assert read_row.cells == [
        *["Ann", "12", "1.5", "1000000000000", "true", "2025-05-03", "2025-05-03 14:30:00", "09:05:00"],
        *["", "", "a\rb", "_"],
    ]


def test_a_formula_counts_by_the_value_it_had(tmp_path: Path) -> None:
    sheet = with_sheet('<row r="1"><c r="A1" t="str"><f>"ann"&amp;"@example.org"</f><v>ann@example.org</v></c></row>')

    assert read(tmp_path, sheet, "a.xlsx") == [Row(1, ["ann@example.org"])]


def test_rows_keep_their_numbers_when_others_are_blank(tmp_path: Path) -> None:
    rows = read(tmp_path, workbook([], [None, ""], ["Email"], [], ["ann@example.org"]), "a.xlsx")

    assert [row.number for row in rows] == [3, 5]


def test_hidden_and_empty_sheets_are_passed_over(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Empty"
    for title, state in (("Secret", "hidden"), ("Guests", "visible"), ("More", "visible")):
        book.create_sheet(title).append([f"{title}@example.org"])
        book[title].sheet_state = state
    file = tmp_path / "a.xlsx"
    file.write_bytes(saved(book))

    first, rows = look(Source(file, "a.xlsx"))
    _, others = look(Source(file, "a.xlsx", {"sheet": "More"}))
    _, never = look(Source(file, "a.xlsx", {"sheet": "Secret"}))

    assert (first.sheets, first.dialect["sheet"]) == (["Empty", "Guests", "More"], "Guests")
    assert [row.cells for row in (*rows, *others, *never)] == [
        ["Guests@example.org"],
        ["More@example.org"],
        ["Guests@example.org"],
    ]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Jürgen, Köln, 春子"),
        ("utf-8-sig", "Jürgen, Köln, 春子"),
        ("utf-16", "Jürgen, 春子"),
        ("utf-16-le", "Jürgen, Zoë and others who write plain letters"),
        ("cp1252", "Jürgen Müller, Köln"),
        ("cp1252", "Chloé «Noël» – Besançon"),
        ("cp1250", "Łukasz Żółć"),
        ("cp1251", "Иван Петров, Москва"),
        ("koi8_r", "Иван Петров, Москва"),
        ("cp1256", "فاطمة الزهراء"),
        ("cp932", "山田太郎, すずき"),
        ("gb18030", "王小明, 北京市"),
        ("big5", "陳大文, 臺北市"),
        ("euc_kr", "김철수, 서울"),
    ],
)
def test_the_encoding_is_told_from_a_few_names(tmp_path: Path, encoding: str, text: str) -> None:
    content = f"Name\tPlace\n{text}\n".encode(encoding)

    assert dialect_of(tmp_path, content)["encoding"] == encoding
    assert read(tmp_path, content, "a.csv", delimiter="\t")[1].cells == [text]


def test_a_wrong_choice_of_encoding_is_said_instead_of_guessed(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        read(tmp_path, "Jürgen".encode("cp1252"), "a.csv", encoding="utf-8")

    assert (refused.value.fault, refused.value.facts) == (Fault.ENCODING, {"encoding": "utf-8"})


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_divides_evenly(tmp_path: Path, delimiter: str) -> None:
    lines = [
        ["Email", "Name", "Note"],
        ["ann@example.org", '"Lee, Ann; PhD | x"', "a b"],
        ["bob@example.org", "Bob", ""],
    ]
    content = "\r\n".join(delimiter.join(line) for line in lines).encode()

    assert dialect_of(tmp_path, content)["delimiter"] == delimiter
    assert read(tmp_path, content, "a.csv")[1].cells == ["ann@example.org", "Lee, Ann; PhD | x", "a b"]


@pytest.mark.parametrize("hint", ["sep=;\r\n", '"sep=;"\n', "SEP=;\n"])
def test_excels_hint_is_followed_and_is_no_row(tmp_path: Path, hint: str) -> None:
    rows = read(tmp_path, (hint + "a,b;c\n1,2;3\n").encode(), "a.csv")

    assert rows == [Row(1, ["a,b", "c"]), Row(2, ["1,2", "3"])]


def test_quotes_line_ends_and_blank_lines_count_as_spreadsheet_programs_count_them(tmp_path: Path) -> None:
    content = b'Email,Note\r\n\r\nann@example.org,"two\r\nlines, ""quoted"""\r\nbob@example.org\r\n'

    assert read(tmp_path, content, "a.csv") == [
        Row(1, ["Email", "Note"]),
        Row(3, ["ann@example.org", 'two\r\nlines, "quoted"']),
        Row(4, ["bob@example.org"]),
    ]


@pytest.mark.parametrize("tail", ["bob@example.org,Bob\n" * 3, "bob@example.org,Bob\n" * 500])
def test_a_quote_that_swallows_the_rest_is_named_by_its_row(tmp_path: Path, tail: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f'Email,Name\nann@example.org,"Ann\n{tail}')

    with pytest.raises(FileRefused) as refused:
        look(Source(file, file.name))

    assert (refused.value.fault, refused.value.facts) == (Fault.UNCLOSED_QUOTE, {"row": 2})


def test_nul_characters_do_no_harm(tmp_path: Path) -> None:
    assert read(tmp_path, b"ann@example.org,A\x00nn\n", "a.csv") == [Row(1, ["ann@example.org", "Ann"])]
