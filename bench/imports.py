"""An address book of a million rows becomes people: by Broadsheet, by a plain pipeline, and by COPY alone."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone
from email_validator import EmailNotValidError, validate_email

from bench.ledger import database_seconds
from bench.memory import peak_mb
from bench.report import Figures
from bench.stopwatch import timed
from subscribers import addresses
from subscribers.models import ConsentRecord, Import, MailingList, Subscriber, Subscription
from subscribers.transfer import importing, intake

HEADINGS = ("Email", "First name", "Last name", "Language", "Company", "Town", "Size")
DETAILS = ("first_name", "last_name", "language")
# As many as Django's documentation has in its examples, and as people therefore write it.
BATCH = 1000
BAD = ("{}.example.org", "{}@example..org", "{}@", "{} @example.org", "{}@@example.org")


def rows(number: int) -> Iterator[tuple[str, ...]]:
    """One of a hundred is bad; names outside ASCII, and addresses in no order, as people join."""
    chance = random.Random(1607)
    for at in range(number):
        word = f"{chance.choice(('ann', 'bob', 'chloe', 'dilnoza'))}.{chance.randrange(10**6)}{at}"
        bad = at % 100 == 99
        email = BAD[at // 100 % len(BAD)].format(word) if bad else f"{word}@mail{chance.randrange(500)}.example.org"
        name = ("Chloé", "O’Reader") if at % 3 else ("Dilnoza", "Lee")
        yield email, *name, "de", f"Example & Sons {at % 97}", "Zürich" if at % 2 else "Porto", str(at % 500)


def prepare(number: int) -> Figures:
    with _text(number).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows(number)])
    return {}


def ours(number: int) -> Figures:
    _clear()
    return _import(_text(number), number)


def ours_again(number: int) -> Figures:
    """The people are there: of the run before, or else of this one."""
    if not Subscriber.objects.exists():
        _import(_text(number), number)
    return _import(_text(number), number)


def ours_workbook(number: int) -> Figures:
    _clear()
    return _import(workbook(number), number)


def plain(number: int) -> Figures:
    """People alone, without lists, consent and issues."""
    _clear()
    return _measured(lambda: _save_plainly(number), number)


def copy_alone(number: int) -> Figures:
    """What is ready to be loaded, into the same table of people with its indexes, and nothing else."""
    _clear()
    now = str(timezone.now())
    ready = "".join(
        "\t".join((row[0], f"bench:{at:064x}", *row[1:4], "", _attributes(row), now, now)) + "\n"
        for at, row in enumerate(rows(number))
    )
    columns = "email, fingerprint, first_name, last_name, language, time_zone, attributes, created_at, updated_at"

    def load() -> None:
        with connection.cursor() as cursor, cursor.copy(f"COPY subscribers_subscriber ({columns}) FROM STDIN") as copy:
            copy.write(ready)

    return _measured(load, number)


def validated_by_us(number: int) -> Figures:
    return _validated(number, addresses.normalise, addresses.AddressRefused)


def validated_by_library(number: int) -> Figures:
    return _validated(number, lambda text: validate_email(text, check_deliverability=False), EmailNotValidError)


def _validated(number: int, validate: Callable[[str], object], refused: type[Exception]) -> Figures:
    texts = [row[0] for row in rows(number)]

    def judge() -> None:
        for text in texts:
            try:
                validate(text)
            except refused:
                continue

    return {"messages": number, **timed(judge)}


def _save_plainly(number: int) -> None:
    fields = [*DETAILS, "attributes"]
    with _text(number).open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        next(lines)
        while batch := list(islice(lines, BATCH)):
            people = [person for line in batch if (person := _plain_person(line))]
            Subscriber.objects.bulk_create(
                people, update_conflicts=True, unique_fields=["email"], update_fields=[*fields, "updated_at"]
            )


def _plain_person(line: list[str]) -> Subscriber | None:
    try:
        email = validate_email(line[0], check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None
    facts = {"company": line[4], "town": line[5], "size": line[6]}
    fingerprint = addresses.fingerprint(email)
    return Subscriber(
        email=email, fingerprint=fingerprint, first_name=line[1], last_name=line[2], language=line[3], attributes=facts
    )


def _import(path: Path, number: int) -> Figures:
    news, _created = MailingList.objects.get_or_create(label="news", defaults={"name": "News"})
    with path.open("rb") as file:
        received = intake.receive(
            File(file), name=path.name, mailing_lists=[news], consent_statement="Signed the list at our stand"
        )
    assert received.check_again()
    assert received.move_to(Import.Status.CHECKED)
    assert received.run()

    def finish() -> None:
        while importing.proceed(received, seconds=3600):
            pass

    figures = _measured(finish, number)
    received.refresh_from_db()
    if received.status != Import.Status.DONE or received.counts.get("invalid") != number // 100:
        raise RuntimeError(f"The import is {received.status}: {received.problem} {received.counts}")
    if news.subscriptions.active().count() != number - number // 100:
        raise RuntimeError("Not everybody is on the list.")
    return figures


def _measured(work: Callable[[], object], number: int) -> Figures:
    used = database_seconds()
    figures = timed(work)
    return {
        "messages": number,
        "database_cpu": database_seconds() - used,
        "peak_mb": peak_mb(),
        **figures,
    }


def _clear() -> None:
    tables = [model._meta.db_table for model in (Subscriber, Subscription, ConsentRecord, Import)]
    with connection.cursor() as cursor:
        for statement in connection.ops.sql_flush(no_style(), tables, allow_cascade=True):
            cursor.execute(statement)
        cursor.execute("CHECKPOINT")


def _attributes(row: tuple[str, ...]) -> str:
    return json.dumps(dict(zip(("company", "town", "size"), row[4:], strict=True)), ensure_ascii=False)


def _text(number: int) -> Path:
    return _folder() / f"people-{number}.csv"


def workbook(number: int) -> Path:
    return _folder() / f"people-{number}.xlsx"


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
