"""An import from the command line, as a script does it each night."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from subscribers.models import Attribute, ConsentRecord, Import, MailingList, Subscriber, Subscription
from tests.subscribers.transfer.files import workbook

pytestmark = pytest.mark.django_db
ROWS = (
    ["E-Mail", "Name", "Firma", "Alter"],
    ["ann@example.org", "Ann Lee", "Acme", "41"],
    ["bob@example.org", "Bob", "", "x"],
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.xlsx"
    path.write_bytes(workbook(*ROWS))
    return path


def import_subscribers(file: Path, *stated: str) -> int:
    """The exit code."""
    try:
        call_command("import_subscribers", str(file), *stated)
    except SystemExit as ended:
        return int(ended.code)
    return 0


def test_columns_are_named_and_everything_is_written(file: Path, news: MailingList) -> None:
    columns = ["email=e-mail", "full_name=Name", "attribute:company=Firma", "attribute:age:number=D"]
    stated = ["--list", "news", "--consent", "At the fair", "--tag", "fair"]

    code = import_subscribers(file, *stated, *[word for column in columns for word in ("--map", column)])

    ann = Subscriber.objects.get(email="ann@example.org")
    assert (code, ann.first_name, ann.attributes) == (0, "Ann", {"company": "Acme", "age": 41})
    assert [tag.name for tag in ann.tags.all()] == ["fair"]
    assert set(ConsentRecord.objects.values_list("statement", flat=True)) == {"At the fair"}
    assert Attribute.objects.get(name="age").kind == "number"
    assert (Import.objects.get().status, Import.objects.get().file.name) == ("done", "")


def test_without_a_map_the_headings_are_understood(file: Path, news: MailingList, capsys: object) -> None:
    import_subscribers(file, "--list", "news", "--consent", "At the fair", "--confirm")

    assert "E-Mail → email" in capsys.readouterr().out  # type: ignore[attr-defined]
    assert set(Subscription.objects.values_list("status", flat=True)) == {"pending"}


def test_a_dry_run_keeps_nothing(file: Path, news: MailingList, media: Path, capsys: object) -> None:
    import_subscribers(file, "--list", "news", "--consent", "At the fair", "--dry-run")

    assert "2  new people" in capsys.readouterr().out  # type: ignore[attr-defined]
    assert not Subscriber.objects.exists()
    assert not Import.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_rows_that_cannot_be_read_are_told_by_the_exit_code(tmp_path: Path, news: MailingList) -> None:
    file, rejected = tmp_path / "people.csv", tmp_path / "rejected.xlsx"
    file.write_text("Email;Name\nann@example.org;Ann\nbob;Bob\n")
    stated = ["--list", "news", "--consent", "At the fair", "--rejected", str(rejected)]

    code = import_subscribers(file, *stated, "--delimiter", ";", "--encoding", "utf-8", "--heading", "1")

    assert code == 3
    assert openpyxl.load_workbook(rejected).active["A2"].value == "bob"
    assert Subscriber.objects.get().email == "ann@example.org"


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        (["--list", "news"], "where their consent comes from"),
        (["--list", "news", "--consent", " "], "where their consent comes from"),
        (["--list", "olds", "--consent", "x"], "There is no list “olds”, only: news"),
        (["--consent", "x"], "which list"),
        (["--list", "news", "--consent", "x", "--map", "email=Mail"], "There is no column “Mail”, only: E-Mail"),
        (["--list", "news", "--consent", "x", "--map", "email"], "is not a target"),
        (["--list", "news", "--consent", "x", "--map", "attribute:language=Name"], "is none of"),
        (["--list", "news", "--consent", "x", "--map", "attribute:size:choice=Name"], "is none of"),
        (["--list", "news", "--consent", "x", "--map", "first_name=Name"], "No column holds addresses"),
    ],
)
def test_what_cannot_be_done_is_explained_and_nothing_is_kept(
    file: Path, news: MailingList, stated: list[str], words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        import_subscribers(file, *stated)

    assert not Subscriber.objects.exists()
    assert not Import.objects.exclude(status="failed").exists()


def test_a_file_that_is_none_is_explained(tmp_path: Path, news: MailingList) -> None:
    page = tmp_path / "page.xlsx"
    page.write_text("<html><table></table></html>")

    for file, words in ((page, "web page"), (tmp_path / "missing.csv", "No such file")):
        with pytest.raises(CommandError, match=words):
            import_subscribers(file, "--list", "news", "--consent", "At the fair")

    assert not Import.objects.exists()


def test_interrupting_cancels_the_import(file: Path, news: MailingList) -> None:
    def interrupt(execute: Any, sql: str, *arguments: Any) -> Any:
        if sql.startswith('INSERT INTO "subscribers_importjournal"'):
            raise KeyboardInterrupt
        return execute(sql, *arguments)

    with connection.execute_wrapper(interrupt):
        code = import_subscribers(file, "--list", "news", "--consent", "At the fair")

    assert (code, Import.objects.get().status, Import.objects.get().file.name) == (130, "cancelled", "")
    assert not Subscriber.objects.exists()
