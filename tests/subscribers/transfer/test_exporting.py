"""People written to a file: whom, what, and what is left after a crash."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from subscribers import erasure, errands, tasks
from subscribers.models import (
    Attribute,
    ConsentRecord,
    Export,
    MailingList,
    Subscriber,
    Subscription,
    Suppression,
    Tag,
)
from subscribers.transfer import columns, exporting

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(news: MailingList) -> Subscriber:
    Attribute.objects.create(name="seats", kind="number")
    Attribute.objects.create(name="birthday", kind="date")
    Attribute.objects.create(name="pays", kind="boolean")
    facts = {"seats": -2, "birthday": "1980-05-03", "pays": True}
    ann = Subscriber.objects.create(
        email="ann@example.org", first_name="Ann", last_name="=1+1", language="de", attributes=facts
    )
    Subscription.objects.create(subscriber=ann, mailing_list=news, status="active")
    ann.tags.add(Tag.objects.create(name="Fair"), Tag.objects.create(name="Bread, cheese"))
    return ann


def crowd(number: int) -> list[Subscriber]:
    return [Subscriber.objects.create(email=f"person{at}@example.org") for at in range(number)]


def usual() -> list[str]:
    return [column.key for column in columns.offered({}) if column.is_usual]


def asked(*chosen: str, form: str = "csv", **stated: Any) -> Export:
    return Export.objects.create(columns=list(chosen) or usual(), format=form, name=f"people.{form}", **stated)


def done(export: Export, *, seconds: float = 60) -> Export:
    while errands.proceed(export, seconds=seconds):
        pass
    export.refresh_from_db()
    assert (export.status, export.problem) == ("done", "")
    return export


def texts(export: Export) -> list[list[str]]:
    return list(csv.reader(StringIO(Path(export.file.path).read_text("utf-8-sig"), newline="")))


def cells(export: Export) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(export.file.path).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_a_text_file_tells_what_is_known_and_begins_no_formula(ann: Subscriber) -> None:
    export = done(asked())

    assert Path(export.file.path).read_bytes().startswith(b"\xef\xbb\xbfemail,first_name")
    heading, row = texts(export)
    told = dict(zip(heading, row, strict=True))
    assert told == {
        "email": "ann@example.org",
        "first_name": "Ann",
        "last_name": "'=1+1",
        "language": "de",
        "time_zone": "",
        "lists": "News",
        "tags": '"Bread, cheese"; Fair',
        "birthday": "1980-05-03",
        "pays": "yes",
        "seats": "-2",
    }


def test_a_workbook_holds_numbers_days_and_text_as_such(ann: Subscriber) -> None:
    export = done(asked("last_name", "attribute:seats", "attribute:birthday", "attribute:pays", form="xlsx"))

    sheet = openpyxl.load_workbook(export.file.path).active
    assert [cell.value for cell in sheet[1]] == ["last_name", "seats", "birthday", "pays"]
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "d", "b"]
    assert [cell.value for cell in sheet[2]] == ["'=1+1", -2, datetime(1980, 5, 3), True]
    assert sheet.freeze_panes == "A2"


def test_columns_come_in_the_order_chosen(ann: Subscriber) -> None:
    export = done(asked("attribute:seats", "email"))

    assert texts(export) == [["seats", "email"], ["-2", "ann@example.org"]]


def test_a_list_tells_status_since_when_and_by_which_consent(ann: Subscriber, news: MailingList) -> None:
    agreed = datetime(2026, 5, 3, 10, 30, tzinfo=UTC)
    for statement, moment in (("Fair", agreed - timedelta(days=9)), ("Form 17", agreed)):
        ConsentRecord.objects.create(
            subscriber=ann, mailing_list=news, action="granted", source="form", statement=statement, recorded_at=moment
        )
    Suppression.objects.add("ann@example.org", "manual")

    export = done(asked(*(f"list:{news.pk}:{what}" for what in ("status", "consent", "agreed")), "suppressed"))

    assert texts(export) == [
        ["# News: status", "# News: consent", "# News: agreed", "# suppressed"],
        ["active", "Form 17", "2026-05-03 10:30:00+00:00", "yes"],
    ]


def test_only_those_who_are_meant_are_told(ann: Subscriber, news: MailingList) -> None:
    crowd(3)

    export = done(asked("email", selection={"subscribed": {"list": news.pk}}))

    assert texts(export) == [["email"], ["ann@example.org"]]
    assert (export.total, export.counts) == (1, {"written": 1})


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_it_goes_on_behind_what_a_killed_worker_has_committed(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    people = crowd(7)
    monkeypatch.setattr(errands, "PEOPLE", 2)
    export = asked("email", form=form)
    assert errands.proceed(export, seconds=0)
    # The next worker dies after it wrote, and before its commit.
    export.refresh_from_db()
    with Path(export.file.path).open("ab") as rows:
        rows.write(b"half a row and nobody")

    export = done(export, seconds=0)

    told = texts(export) if form == "csv" else cells(export)
    assert told == [["email"], *([person.email] for person in people)]


def test_it_begins_anew_if_what_was_written_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    people = crowd(5)
    monkeypatch.setattr(errands, "PEOPLE", 2)
    export = asked("email")
    assert errands.proceed(export, seconds=0)
    export.forget_file()
    people.pop(0).delete()

    export = done(export)

    assert texts(export) == [["email"], *([person.email] for person in people)]
    assert export.counts == {"written": 4}


def test_a_column_that_was_deleted_since_is_named(ann: Subscriber) -> None:
    export = asked("email", "attribute:shoe_size")

    errands.proceed(export, seconds=60)

    export.refresh_from_db()
    assert (export.status, export.problem) == ("failed", "There is no column “attribute:shoe_size” any more.")


def test_a_workbook_refuses_more_people_than_programs_can_show(monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(3)
    monkeypatch.setattr("subscribers.transfer.formats.Workbook.most_rows", 2)
    export = asked("email", form="xlsx")

    errands.proceed(export, seconds=60)

    export.refresh_from_db()
    assert export.problem == "A workbook holds at most 2 people. Choose the text format, or fewer people."


def test_the_file_is_kept_for_some_days_and_then_removed(ann: Subscriber, settings: Any) -> None:
    settings.KEEP_EXPORTS_DAYS = 3
    export = done(asked("email"))
    file = Path(export.file.path)
    assert timedelta(days=2.9) < export.expires_at - timezone.now() < timedelta(days=3)

    tasks.sweep()
    assert file.exists()
    Export.objects.update(expires_at=timezone.now())
    tasks.sweep()

    export.refresh_from_db()
    assert not file.exists()
    assert (export.file.name, export.is_ready) == ("", False)


def test_nothing_is_left_of_one_that_was_cancelled(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(5)
    monkeypatch.setattr(errands, "PEOPLE", 2)
    export = asked("email")
    errands.proceed(export, seconds=0)
    assert list(media.rglob("*.rows"))

    Export.objects.get().cancel()
    tasks.sweep()

    assert [path for path in media.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_step_asks_the_database_as_often_for_many_as_for_few(
    form: str, ann: Subscriber, django_assert_num_queries: Callable[[int], Any]
) -> None:
    everything = [column.key for column in columns.offered({})]
    table = exporting.Table(everything, {}, form)

    crowd(50)
    people = list(Subscriber.objects.all())

    with django_assert_num_queries(10):
        table.rows(people, above=0)


def test_it_is_written_here_and_now_without_a_worker(ann: Subscriber, tmp_path: Path) -> None:
    file = tmp_path / "people.xlsx"

    assert list(exporting.write(file, ["email", "tags"], {}, "xlsx")) == [1]

    sheet = openpyxl.load_workbook(BytesIO(file.read_bytes())).active
    assert [cell.value for cell in sheet[2]] == ["ann@example.org", '"Bread, cheese"; Fair']
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["people.xlsx"]


@pytest.mark.parametrize(
    ("chosen", "is_kept"), [(["first_name"], False), (["email"], False), (["email", "tags"], True)]
)
def test_a_file_goes_when_somebody_in_it_is_erased_or_nobody_can_tell(
    ann: Subscriber, chosen: list[str], is_kept: bool, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    bob = Subscriber.objects.create(email="bob@example.org", first_name="Bob")
    selection = {"people": [ann.pk]} if is_kept else {}
    export = done(asked(*chosen, selection=selection))
    file = Path(export.file.path)

    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase(bob.email)

    export.refresh_from_db()
    assert (file.exists(), bool(export.file)) == (is_kept, is_kept)
