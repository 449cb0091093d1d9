"""Writes deliveries for a range of people, in batches of those who are mailed at the same time and in the same way."""

from __future__ import annotations

from collections import Counter
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    Func,
    OuterRef,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import RowNumber
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from campaigns import audience
from campaigns.composition.localize import resolve
from campaigns.delivery.shares import NO_FACTS, Division, Facts, Share
from campaigns.models import Batch, Campaign, Delivery
from campaigns.prepared import Table
from subscribers.models import Subscriber

# Mails that a lane takes at once.
BATCH = 2_000
COLUMNS = (
    "campaign", "subscriber", "edition", "email", "status", "reason", "tries", "message_id", "created_at"
)  # fmt: skip
LOTS = Table("lot", share="integer", nth="integer", batch="bigint", due_at="timestamptz")


class Crowd(NamedTuple):
    """Who is in a range, and how many there are at most whose mails leave alike.

    `editions`: the number of each by language; the one at "" is for whoever reads none of the others.
    """

    editions: dict[str, int]
    people: Counter[Facts]


class MessageId(Func):
    """Some thirty random hexadecimal digits, drawn by the database, at this domain."""

    output_field = CharField()
    template = "to_hex((random() * 9e18)::bigint) || to_hex((random() * 9e18)::bigint) || %(expressions)s"

    def __init__(self, domain: str) -> None:
        super().__init__(Value(f"@{domain}"))

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="lower(hex(randomblob(16))) || %(expressions)s", **context)


def read(campaign: Campaign, among: range, division: Division) -> Crowd:
    """Nobody, if no mail is to be written. Where there is one edition, nobody's language matters."""
    editions = dict(campaign.editions.values_list("language", "pk"))
    languages, counts, people = set[str](), Counter[Facts](), audience.recipients(campaign, among).order_by()
    if division.divides:
        for row in people.annotate(**division.facts()).values("language", *Facts._fields).annotate(people=Count("pk")):
            languages.add(row["language"])
            counts[Facts(*(row[name] for name in Facts._fields))] += row["people"]
    elif people.exists():
        # However many of them get it: to count those would be to read everybody once more.
        counts[NO_FACTS] = len(among)
        if len(editions) > 1:
            languages |= {*audience.numbered(among).order_by().values_list("language", flat=True).distinct()}
    if counts:
        languages.add("")
    return Crowd({language: edition_for(campaign, language, editions) for language in languages}, counts)


def edition_for(campaign: Campaign, language: str, editions: dict[str, int]) -> int:
    """The number of the edition that a reader of this language gets, of those by language."""
    code = resolve(language or settings.LANGUAGE_CODE, editions, campaign.default_language)
    return editions[code] if code in editions else next(iter(editions.values()))


def insert(campaign: Campaign, among: range, division: Division, crowd: Crowd) -> int:
    """How many mails were written."""
    counts: Counter[Share] = Counter()
    for facts, people in crowd.people.items():
        counts[division.share(facts)] += people
    numbers = {share: number for number, share in enumerate(sorted(counts))}
    share = division.place(numbers, crowd.people)
    # Mostly written in the order of their numbers, because indexes grow faster at their end.
    rows = audience.recipients(campaign, among).order_by("pk").annotate(**division.facts())
    statement, parameters = _rows(campaign, rows, crowd.editions, share).query.sql_with_params()
    quote, meta = connection.ops.quote_name, Delivery._meta
    columns = {field.name: quote(str(field.column)) for field in meta.concrete_fields}
    own = ", ".join(columns[name] for name in COLUMNS)
    lots = _lots(campaign, numbers, counts, most=len(among))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(meta.db_table)} ({own}, {columns['batch']}, {columns['due_at']})"
            f" SELECT {', '.join(f'its_{name}' for name in COLUMNS)}, lot.batch, lot.due_at"
            f" FROM ({statement}) AS person JOIN {LOTS.source} ON lot.share = its_share AND lot.nth = its_nth",
            [*parameters, LOTS.parameter(lots)],
        )
        mails: int = cursor.rowcount
    # With one share, whoever was counted fills them all; with several, somebody may have changed from one to another.
    if len(counts) > 1 or mails < counts.total():
        made = Batch.objects.filter(pk__in={lot["batch"] for lot in lots})
        # Nothing else can refer to these yet.
        made.exclude(Exists(Delivery.objects.queued().filter(batch=OuterRef("pk"))))._raw_delete(using=made.db)
    return mails


def _nth(share: Combinable) -> Combinable:
    """In which batch of a share somebody is; they are filled one after the other."""
    return (Window(RowNumber(), partition_by=share, order_by="pk") - 1) / BATCH  # type: ignore[arg-type]


def _lots(
    campaign: Campaign, numbers: dict[Share, int], counts: Counter[Share], *, most: int
) -> list[dict[str, object]]:
    """The batches that the people of each share fill one after the other; there are `most` people in all.

    Whoever joined or changed since they were counted goes to the last batch, be it everybody.
    """
    lots: list[dict[str, object]] = []
    for share, number in numbers.items():
        needed = -(-counts[share] // BATCH)
        facts = {"due_at": share.due_at, "is_held": share.is_held, "domain": share.domain}
        batches = Batch.objects.bulk_create(Batch(campaign=campaign, **facts) for _nth in range(needed))
        lots += [
            {"share": number, "nth": nth, "batch": batches[min(nth, needed - 1)].pk, "due_at": share.due_at}
            for nth in range(-(-most // BATCH))
        ]
    return lots


def _rows(
    campaign: Campaign, people: QuerySet[Subscriber], editions: dict[str, int], share: Combinable
) -> QuerySet[Subscriber, tuple[object, ...]]:
    """One row of COLUMNS for each person, with the share and the batch in it."""
    edition = [When(language=code, then=Value(number)) for code, number in editions.items() if code]
    values: dict[str, Combinable] = {
        "campaign": Value(campaign.pk),
        "subscriber": F("pk"),
        "edition": Case(*edition, default=Value(editions[""]), output_field=BigIntegerField()),
        "email": F("email"),
        "status": Value(Delivery.Status.QUEUED),
        "reason": Value(""),
        "tries": Value(0),
        "message_id": MessageId(campaign.sender.domain),
        "created_at": Value(timezone.now()),
        "share": share,
        "nth": _nth(share),
    }
    return people.annotate(**{f"its_{name}": value for name, value in values.items()}).values_list(
        *(f"its_{name}" for name in values)
    )
