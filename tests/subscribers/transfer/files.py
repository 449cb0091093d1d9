"""Builds the files that people upload, good ones and hostile ones."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
from django.core.files.base import ContentFile

from subscribers import tasks
from subscribers.models import Import, MailingList
from subscribers.transfer import intake
from subscribers.transfer.importing import proceed

STATEMENT = "Signed the list at our stand"
SHEET = (
    '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</worksheet>'
)


def workbook(*rows: Sequence[Any], titles: Iterable[str] = ("People",)) -> bytes:
    """The rows stand on the first sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    sheets = [book.create_sheet(title) for title in titles]
    for row in rows:
        sheets[0].append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(book: bytes, name: str, content: bytes | str) -> bytes:
    """The same workbook with one of its parts replaced or added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return file.getvalue()


def with_sheet(data: str, before: str = "") -> bytes:
    """A workbook whose only sheet is this raw XML."""
    return with_part(workbook(["x"]), "xl/worksheets/sheet1.xml", SHEET % f"{before}<sheetData>{data}</sheetData>")


def receive(content: bytes, *lists: MailingList, name: str = "people.xlsx", **stated: Any) -> Import:
    stated.setdefault("consent_statement", STATEMENT)
    return intake.receive(ContentFile(content), name=name, mailing_lists=lists, **stated)


def check(received: Import) -> Import:
    assert received.check_again()
    return finish(received)


def run(received: Import) -> Import:
    """Dry run and run, as the workers do them."""
    checked = check(received)
    assert checked.run()
    return finish(checked)


def finish(started: Import) -> Import:
    while proceed(started, seconds=tasks.SECONDS):
        pass
    started.refresh_from_db()
    return started


def undo(over: Import) -> Import:
    assert over.undo()
    return finish(over)


def import_people(content: bytes, *lists: MailingList, **stated: Any) -> Import:
    """The run alone; that the dry run tells the same has tests of its own."""
    received = receive(content, *lists, **stated)
    assert received.check_again()
    assert received.move_to(Import.Status.CHECKED)
    assert received.run()
    return finish(received)


def issues(over: Import) -> list[tuple[int, str]]:
    return list(over.issues.values_list("row", "reason"))
