"""Writes deliveries for a range of people, in batches of those who are mailed at the same time and in the same way."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import BigIntegerField, Case, CharField, Count, F, Func, QuerySet, Value, When, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat, RowNumber
from django.utils import timezone

from campaigns import audience
from campaigns.composition.localize import resolve
from campaigns.delivery.shares import Division, Facts, Share
from campaigns.models import Batch, Campaign, Delivery
from campaigns.prepared import Table
from subscribers.models import Subscriber

# Mails that a lane takes at once.
BATCH = 2_000
COLUMNS = (
    "campaign", "subscriber", "edition", "email", "status", "reason", "tries", "message_id", "created_at"
)  # fmt: skip
LOTS = Table("lot", share="integer", nth="integer", batch="bigint", due_at="timestamptz")


class Group(NamedTuple):
    """The people of a range who are the same in all that matters."""

    language: str
    facts: Facts
    people: int


class RandomToken(Func):
    """Some thirty random hexadecimal digits, drawn by the database."""

    output_field = CharField()
    template = "to_hex((random() * 9e18)::bigint) || to_hex((random() * 9e18)::bigint)"

    def as_sqlite(self, compiler: object, connection: object, **context: object) -> tuple[str, tuple[str | int, ...]]:
        return "lower(hex(randomblob(16)))", ()


def read(campaign: Campaign, among: range, division: Division) -> list[Group]:
    """Who they are, in a few rows."""
    people = audience.recipients(campaign, among).order_by().annotate(**division.facts())
    rows = people.values("language", *Facts._fields).annotate(people=Count("pk"))
    return [Group(row["language"], Facts(*(row[name] for name in Facts._fields)), row["people"]) for row in rows]


def edition_for(campaign: Campaign, language: str, editions: dict[str, int]) -> int:
    """The number of the edition that a reader of this language gets, of those by language."""
    code = resolve(language or settings.LANGUAGE_CODE, editions, campaign.default_language)
    return editions[code] if code in editions else next(iter(editions.values()))


def insert(campaign: Campaign, among: range, division: Division, groups: list[Group]) -> None:
    counts: Counter[Share] = Counter()
    for group in groups:
        counts[division.share(group.facts)] += group.people
    numbers = {share: number for number, share in enumerate(sorted(counts))}
    share = division.place(numbers, {group.facts for group in groups})
    nth = _nth_by_number(among, counts) if len(counts) == 1 else _nth_by_place(share)
    people = audience.recipients(campaign, among).order_by("pk").annotate(**division.facts())
    statement, parameters = _rows(campaign, people, groups, share=share, nth=nth).query.sql_with_params()
    quote, meta = connection.ops.quote_name, Delivery._meta
    columns = {field.name: quote(str(field.column)) for field in meta.concrete_fields}
    own = ", ".join(columns[name] for name in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(meta.db_table)} ({own}, {columns['batch']}, {columns['due_at']})"
            f" SELECT {', '.join(f'its_{name}' for name in COLUMNS)}, lot.batch, lot.due_at"
            f" FROM ({statement}) AS person JOIN {LOTS.source} ON lot.share = its_share AND lot.nth = its_nth"
            # Indexes grow faster at their end.
            " ORDER BY its_subscriber",
            [*parameters, LOTS.parameter(_lots(campaign, numbers, counts))],
        )


def _nth_by_number(among: range, counts: Counter[Share]) -> Combinable:
    """In which batch of the only share somebody is; they become about as large as each other."""
    (people,) = counts.values()
    return (F("pk") - among.start) * _batches(people) / len(among)


def _nth_by_place(share: Combinable) -> Combinable:
    """In which batch of a share somebody is, if they are filled one after the other."""
    return (Window(RowNumber(), partition_by=share, order_by="pk") - 1) / BATCH  # type: ignore[arg-type]


def _batches(people: int) -> int:
    return -(-people // BATCH)


def _lots(campaign: Campaign, numbers: dict[Share, int], counts: Counter[Share]) -> list[dict[str, object]]:
    """The batches that the people of each share fill one after the other."""
    lots: list[dict[str, object]] = []
    for share, number in numbers.items():
        needed = _batches(counts[share])
        facts = {"due_at": share.due_at, "is_held": share.is_held, "domain": share.domain}
        batches = Batch.objects.bulk_create(Batch(campaign=campaign, **facts) for _nth in range(needed))
        # One place more, for those who joined since they were counted.
        lots += [
            {"share": number, "nth": nth, "batch": batch.pk, "due_at": share.due_at}
            for nth, batch in enumerate([*batches, batches[-1]])
        ]
    return lots


def _rows(
    campaign: Campaign, people: QuerySet[Subscriber], groups: list[Group], *, share: Combinable, nth: Combinable
) -> QuerySet[Subscriber, tuple[object, ...]]:
    """One row of COLUMNS for each person, with the share and the batch in it."""
    editions = dict(campaign.editions.values_list("language", "pk"))
    languages = {group.language for group in groups}
    edition = [When(language=code, then=Value(edition_for(campaign, code, editions))) for code in languages]
    values: dict[str, Combinable] = {
        "campaign": Value(campaign.pk),
        "subscriber": F("pk"),
        "edition": Case(*edition, default=None, output_field=BigIntegerField()),
        "email": F("email"),
        "status": Value(Delivery.Status.QUEUED),
        "reason": Value(""),
        "tries": Value(0),
        "message_id": Concat(RandomToken(), Value(f"@{campaign.sender.domain}")),
        "created_at": Value(timezone.now()),
        "share": share,
        "nth": nth,
    }
    return people.annotate(**{f"its_{name}": value for name, value in values.items()}).values_list(
        *(f"its_{name}" for name in values)
    )
