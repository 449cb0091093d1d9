"""Text files as other programs write them: read as meant, or said not to be readable."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscribers.transfer.delimited import Delimited
from subscribers.transfer.faults import Fault, FileRefused
from subscribers.transfer.pipe import CELL_END

PERSON = "ann@example.org"
# Of every language of the product, and one letter that takes two units of UTF-16.
LETTERS = "abcXYZ ,;|'\"\n\r=+-@0123456789äößéñçÉЖя中村春子مرحبا\U0001f600"
CELL = st.text(alphabet=LETTERS, max_size=12)
NAME = st.lists(
    st.sampled_from(["müll", "ler", "gré", "goire", "ström", "peña", "çois", "köh", "ann", "lee", "zoë", "bjørn"]),
    min_size=1,
    max_size=3,
).map(lambda parts: "".join(parts).capitalize())
HEADS = ["Email", "Name", "Note"]


def read(path: Path, content: bytes, **stated: object) -> tuple[dict[str, object], list[tuple[int, list[str]]]]:
    """What the child process reads, without the process."""
    path.write_bytes(content)
    opened = Delimited(path, stated)
    rows = [
        (number, line.split(CELL_END))
        for batch in opened.batches(250)
        for number, line in zip(batch.numbers, batch.lines, strict=True)
    ]
    return opened.settled, rows


def cells(path: Path, content: str | bytes, **stated: object) -> list[list[str]]:
    raw = content if isinstance(content, bytes) else content.encode()
    return [row for _, row in read(path, raw, **stated)[1]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "gb18030"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    people=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8),
)
def test_what_was_written_reads_back_the_same(
    file: Path, encoding: str, delimiter: str, people: list[tuple[str, str]]
) -> None:
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([HEADS, *[[PERSON, *details] for details in people]])

    settled, rows = read(file, written.getvalue().encode(encoding), encoding=encoding, delimiter=delimiter)

    assert settled["delimiter"] == delimiter
    assert [row for _, row in rows[1:]] == [_as_kept([PERSON, *details]) for details in people]


def _as_kept(row: list[str]) -> list[str]:
    """Without blanks at the edges, and without the apostrophe that our own exports put before formulas."""
    kept = [cell.strip() for cell in row]
    kept = [cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@\r") and cell[1:2] else cell for cell in kept]
    while not kept[-1]:
        kept.pop()
    return kept


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(NAME, min_size=3, max_size=9))
def test_western_names_survive_excels_encoding(file: Path, names: list[str]) -> None:
    content = "\r\n".join(["Email;Name", *[f"{PERSON};{name}" for name in names]])

    rows = cells(file, content.encode("cp1252"))

    assert [row[1] for row in rows[1:]] == names


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1252", "Siobhán O’Brien"),
        ("cp1252", "O’Brien"),
        ("cp1252", "the “Foo” company"),
        ("cp1252", "„Haus“ – Bau"),
        ("cp850", "Jürgen Köhler"),
        ("cp850", "Chloé Müller"),
        ("cp1251", "ООО «Ромашка»"),
    ],
)
def test_quotes_and_the_letters_of_old_programs_are_told_apart(file: Path, encoding: str, name: str) -> None:
    settled, rows = read(file, f"Email;Name\n{PERSON};{name}\n".encode(encoding))

    assert rows[1] == (2, [PERSON, name])
    assert settled["encoding"] == encoding


@pytest.mark.parametrize(("strays", "name"), [("cp1252", "Zoë"), ("cp1251", "Пётр Иванов")])
def test_a_line_of_another_encoding_is_read_and_said(file: Path, strays: str, name: str) -> None:
    lines = [b"Email,Name", f"{PERSON},Jürgen".encode(), f"{PERSON},{name}".encode(strays), f"{PERSON},春子".encode()]

    settled, rows = read(file, b"\n".join(lines))

    assert [row[-1] for _, row in rows] == ["Name", "Jürgen", name, "春子"]
    assert (settled["encoding"], settled["notes"]) == ("utf-8", {"strays": strays})


def test_a_mark_of_the_byte_order_is_never_part_of_a_heading(file: Path) -> None:
    content = f'"Email","Name"\n{PERSON},Ann\n'

    for encoding, stated in (("utf-8-sig", "utf-8"), ("utf-16", "utf-16-le"), ("utf-8-sig", None)):
        assert cells(file, content.encode(encoding), encoding=stated)[0] == ["Email", "Name"]


@pytest.mark.parametrize("encoding", ["nonsense", "rot13", "hex"])
def test_an_encoding_that_is_none_is_refused(file: Path, encoding: str) -> None:
    with pytest.raises(FileRefused) as refused:
        cells(file, "Email\n", encoding=encoding)

    assert refused.value.fault == Fault.ENCODING


@pytest.mark.parametrize(
    ("content", "row"),
    [
        (f"Email\r{PERSON},Ann\r", [PERSON, "Ann"]),
        (f'"Email","Name"\n"{PERSON}","Ann \\"Annie\\" Lee, PhD"\n', [PERSON, 'Ann "Annie" Lee, PhD']),
        (f"'Email','Name'\n'{PERSON}','Lee, Ann'\n", [PERSON, "Lee, Ann"]),
        (f'Email,Place\n{PERSON},"C:\\dir\\"\n', [PERSON, "C:\\dir\\"]),
        (f'Email,Zip\n{PERSON},="01234"\n', [PERSON, "01234"]),
        (f'Email,Disk\n{PERSON},5" disk\n', [PERSON, '5" disk']),
        (f"sep=^\nEmail^Name\n{PERSON}^Ann\n", [PERSON, "Ann"]),
        (f"Email,Name,,,\n{PERSON},Ann,,,\n", [PERSON, "Ann"]),
        (f"Email,Name\n{PERSON},'=Ann\n", [PERSON, "=Ann"]),
        (f'Email,Name\n{PERSON},"Ann', [PERSON, "Ann"]),
    ],
)
def test_ways_of_other_programs_are_understood(file: Path, content: str, row: list[str]) -> None:
    assert cells(file, content)[1] == row


@pytest.mark.parametrize(
    "pasted",
    [
        "Ann <ann@example.org>, Bob <bob@example.org>, chloe@example.org",
        'Ann <ann@example.org>; "Lee, Bob" <bob@example.org>; chloe@example.org',
    ],
)
def test_the_receivers_of_a_mail_are_a_row_each(file: Path, pasted: str) -> None:
    settled, rows = read(file, pasted.encode())

    assert settled["spread"] is True
    assert [(number, cell.count("@")) for number, (cell,) in rows] == [(1, 1), (2, 1), (3, 1)]


def test_a_table_of_addresses_stays_a_table(file: Path) -> None:
    content = "ann@example.org,ann@example.com\nbob@example.org,bob@example.com\n"

    assert [len(row) for row in cells(file, content)] == [2, 2]


def test_a_quote_that_swallows_people_is_named_although_another_one_closes_it(file: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        cells(file, f'Email,Name\n{PERSON},"Ann\nbob@example.org,"Bob"\nchloe@example.org,Chloé\n')

    assert (refused.value.fault, refused.value.facts) == (Fault.UNCLOSED_QUOTE, {"row": 2})


def test_a_cell_of_a_megabyte_is_named_by_its_row(file: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        cells(file, f"Email,Name\n{PERSON},{'x' * 1_100_000}\n")

    assert (refused.value.fault, refused.value.facts) == (Fault.LONG_CELL, {"row": 2})


def test_a_file_without_line_ends_is_refused(file: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        cells(file, "x" * 3_000_000)

    assert refused.value.fault == Fault.ENDLESS_LINE
