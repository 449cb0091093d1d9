"""What an export wrote, an import reads back: nothing changes, whoever these people are."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import openpyxl
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from subscribers import errands
from subscribers.models import Attribute, Export, MailingList, Subscriber, Subscription, Tag
from subscribers.transfer import columns
from subscribers.transfer.candidates import clean
from tests.naughty import STRINGS
from tests.subscribers.transfer.files import receive, run

pytestmark = pytest.mark.django_db

TRICKY = some.sampled_from(
    r"""
    =1+1 | +1 | -1 | @SUM(A1) | '=1 | ''=1 | ' | " | ="007" | 007 | 1.234,5 | a,b | "a; b | a";"b | _x0041_ | _x005F_
    <b>&amp;</b> | Ann & Bob | TRUE | null | 1e5 | ２ | ＝1 | Zoë | محمد | 日本 | 👩‍👧 | 2026-05-03 | # remark | sep=;
    אבגד | O'Neil | \ | \n | %s | {{ name }} | #N/A! | attribute:x | list:1:status | email
    """.replace("\n", "|").split("|")
)
ANY_TEXT = some.text(min_size=1, max_size=40).map(clean)
TEXT = (TRICKY | ANY_TEXT).map(clean).filter(lambda text: text and text not in ("#N/A",) and len(text) <= 40)
NUMBERS = some.integers(-(10**20), 10**20) | some.floats(-1e15, 1e15, allow_nan=False).filter(
    lambda number: not number.is_integer() and abs(number) > 1e-9
)
DAYS = some.dates(date(1850, 1, 1), date(2150, 1, 1)).map(date.isoformat)
CHOICES = ["gold", "silver; or so", "Zoë", "=none"]
FACTS = some.fixed_dictionaries(
    {},
    optional={
        "company": TEXT,
        "Größe": TEXT,
        "tz": TEXT,
        "list": TEXT,
        "email": TEXT,
        "seats": NUMBERS,
        "birthday": DAYS,
        "pays": some.booleans(),
        "level": some.sampled_from(CHOICES),
    },
)
KINDS = {"seats": "number", "birthday": "date", "pays": "boolean", "level": "choice"}
PEOPLE = some.lists(
    some.fixed_dictionaries(
        {
            "first_name": some.just("") | TEXT,
            "last_name": some.just("") | TEXT,
            "language": some.sampled_from(["", "de", "pt-BR", "zh-Hant", "ar"]),
            "time_zone": some.sampled_from(["", "Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC"]),
            "attributes": FACTS,
        }
    ),
    min_size=5,
    max_size=20,
)
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
NAMES = some.lists(TEXT, min_size=1, max_size=4, unique_by=str.casefold)


def everything() -> dict[str, Any]:
    """All that a person is, has and is on; compared with their types, since 1 and true are equal."""
    people = Subscriber.objects.order_by("pk")
    return {
        "people": [
            repr(row) for row in people.values_list("email", "first_name", "last_name", "language", "time_zone")
        ],
        "facts": [repr(sorted(person.attributes.items())) for person in people],
        "changed": list(people.values_list("updated_at", flat=True)),
        "lists": sorted(Subscription.objects.values_list("subscriber", "mailing_list", "status", "created_at")),
        "tags": sorted(Subscriber.tags.through.objects.values_list("subscriber", "tag__name")),
        "names": sorted(Tag.objects.values_list("name", flat=True)),
        "attributes": sorted(Attribute.objects.values_list("name", "kind")),
    }


def populate(people: list[dict[str, Any]], lists: list[str], tags: list[str]) -> None:
    for name in ("company", "Größe", "tz", "list", "email", *KINDS):
        kind = KINDS.get(name, "text")
        Attribute.objects.create(name=name, kind=kind, choices=CHOICES if kind == "choice" else [])
    pages = [MailingList.objects.create(name=name, label=f"list-{at}") for at, name in enumerate(lists)]
    words = [Tag.objects.create(name=name) for name in tags]
    for at, facts in enumerate(people):
        person = Subscriber.objects.create(email=f"{ascii_lowercase[at]}@example.org", **facts)
        status = ("active", "active", "pending", "ended")
        for turn, page in enumerate(pages):
            Subscription.objects.create(subscriber=person, mailing_list=page, status=status[(at + turn) % 4])
        person.tags.add(*words[: at % (len(words) + 1)])


def exported(form: str) -> Export:
    every = [column.key for column in columns.offered({})]
    export = Export.objects.create(columns=every, format=form, name=f"people.{form}")
    assert not errands.proceed(export, seconds=60)
    export.refresh_from_db()
    assert (export.status, export.problem) == ("done", "")
    return export


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_importing_what_was_exported_changes_nothing(form: str) -> None:
    @settings(max_examples=5, suppress_health_check=list(HealthCheck))
    @given(people=PEOPLE, lists=NAMES, tags=NAMES)
    def there_and_back(people: list[dict[str, Any]], lists: list[str], tags: list[str]) -> None:
        with transaction.atomic():
            populate(people, lists, tags)
            before = everything()
            export = exported(form)

            received = receive(Path(export.file.path).read_bytes(), name=export.name, existing="overwrite")
            over = run(received)

            issues = [str(issue) for issue in over.issues.all()]
            assert (everything(), over.counts, issues) == (before, {"unchanged": len(people)}, [])
            # The next example begins with an empty database.
            transaction.set_rollback(True)

    there_and_back()


def cells(export: Export) -> Iterator[str]:
    if export.format == "csv":
        with Path(export.file.path).open(encoding="utf-8-sig", newline="") as file:
            for line in csv.reader(file):
                yield from line
        return
    for row in openpyxl.load_workbook(export.file.path).active.iter_rows():
        # As text: then Excel shows what stands there, whatever it begins with.
        yield from (f"'{cell.value}" if cell.data_type == "s" else str(cell.value or "") for cell in row)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_spreadsheet_takes_a_name_for_a_formula(form: str) -> None:
    names = [clean(text)[:100] for text in STRINGS]
    facts = [{"first_name": name, "attributes": {"company": name}} for name in names]
    populate(facts[:26], names[:3], [name[:40] for name in names[15:18]])
    before = everything()

    export = exported(form)

    over = run(receive(Path(export.file.path).read_bytes(), name=export.name, existing="overwrite"))

    assert [cell for cell in cells(export) if cell.startswith(FORMULAS)] == []
    assert (over.counts, everything()) == ({"unchanged": 26}, before)
