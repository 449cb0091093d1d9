"""Starts campaigns that are due, and gives everybody in their audience a delivery."""

from __future__ import annotations

import logging
import time

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import BigIntegerField, Case, CharField, Count, F, Func, Max, QuerySet, Value, When, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat, RowNumber
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import audience
from campaigns.composition.compile import CompositionError, freeze
from campaigns.composition.localize import resolve
from campaigns.models import Batch, Campaign, Delivery
from subscribers.models import Subscriber

logger = logging.getLogger(__name__)

# People per commit: some hundred milliseconds of work, repeated after a crash.
RANGE = 10_000
# Mails that a lane takes at once.
BATCH = 1000
COLUMNS = (
    "campaign", "batch", "subscriber", "edition", "email", "status", "reason", "due_at", "tries", "message_id",
    "created_at",
)  # fmt: skip


class RandomToken(Func):
    """Some thirty random hexadecimal digits, drawn by the database."""

    output_field = CharField()
    template = "to_hex((random() * 9e18)::bigint) || to_hex((random() * 9e18)::bigint)"

    def as_sqlite(self, compiler: object, connection: object, **context: object) -> tuple[str, tuple[str | int, ...]]:
        return "lower(hex(randomblob(16)))", ()


def start_due() -> None:
    for campaign in Campaign.objects.due():
        # Of many workers one wins; the others have nothing to do.
        campaign.start()


def continue_planning(seconds: float) -> None:
    """Plan range after range for about that long."""
    end = time.monotonic() + seconds
    for campaign in Campaign.objects.unplanned():
        try:
            while is_frozen(campaign) and not plan_range(campaign):
                if time.monotonic() > end:
                    return
        except DatabaseError:
            raise
        except Exception as error:
            # Whatever is wrong with one campaign must not stop the others, nor be tried each second for ever.
            logger.exception("Campaign %s cannot be planned.", campaign.pk)
            campaign.pause(f"{type(error).__name__}: {error}")


def is_frozen(campaign: Campaign) -> bool:
    """Whether the contents are stored as they will be sent; stores them if need be, or pauses and says why."""
    if campaign.editions.exists():
        return True
    if campaign.status != Campaign.Status.SENDING:
        return False
    try:
        with transaction.atomic():
            freeze(campaign)
    except CompositionError as error:
        # What was valid when it was scheduled no longer is, such as a layout edited since.
        campaign.pause(str(error))
        return False
    if not campaign.editions.exists():
        campaign.pause(_("The campaign has no contents."))
        return False
    return True


def plan_range(campaign: Campaign) -> bool:
    """Deliveries for the next people in key order, in one commit with the cursor; True after the last.

    A crash repeats the range and adds nothing; so does a second worker, who waits for the cursor's row.
    Suppressed people get a row like everybody: who is not wanted is asked when a mail is about to leave.
    """
    campaign.refresh_from_db(fields=["status", "plan_cursor", "planned_at"])
    if campaign.planned_at or campaign.status in Campaign.ENDED:
        return True
    following = audience.recipients(campaign).filter(pk__gt=campaign.plan_cursor).order_by("pk")
    read = list(_counted(following[:RANGE]))
    people = sum(count for _language, _last, count in read)
    last = max((last for _language, last, _count in read), default=campaign.plan_cursor)
    mine = Campaign.objects.filter(pk=campaign.pk, plan_cursor=campaign.plan_cursor, planned_at=None)
    is_last = people < RANGE
    mark: dict[str, object] = {"planned_at": timezone.now()} if is_last else {}
    with transaction.atomic():
        if mine.update(plan_cursor=last, planned=Coalesce("planned", 0) + people, **mark) and people:
            _insert(campaign, following.filter(pk__lte=last), people, [language for language, _last, _count in read])
    if is_last:
        _tell_planner()
    return is_last


def _tell_planner() -> None:
    """PostgreSQL looks by itself within minutes; until then it would read a table that it thinks is small."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE campaigns_delivery, campaigns_batch")


def _counted(people: QuerySet[Subscriber]) -> QuerySet[Subscriber, tuple[str, int, int]]:
    """By language, the last and the number of these people."""
    inner = Subscriber.objects.filter(pk__in=people.values("pk"))
    return (
        inner.order_by()
        .values("language")
        .annotate(last=Max("pk"), people=Count("pk"))
        .values_list("language", "last", "people")
    )


def edition_for(campaign: Campaign, language: str, editions: dict[str, int]) -> int:
    """The number of the edition that a reader of this language gets, of those by language."""
    code = resolve(language or settings.LANGUAGE_CODE, editions, campaign.default_language)
    return editions[code] if code in editions else next(iter(editions.values()))


def _insert(campaign: Campaign, people: QuerySet[Subscriber], number: int, languages: list[str]) -> None:
    due_at = timezone.now()
    batches = Batch.objects.bulk_create(Batch(campaign=campaign, due_at=due_at) for _start in range(0, number, BATCH))
    statement, parameters = _rows(campaign, people, languages, batches).query.sql_with_params()
    quote, meta = connection.ops.quote_name, Delivery._meta
    columns = {field.name: str(field.column) for field in meta.concrete_fields}
    names = ", ".join(quote(columns[name]) for name in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(meta.db_table)} ({names}) {statement} ON CONFLICT DO NOTHING", parameters)


def _rows(
    campaign: Campaign, people: QuerySet[Subscriber], languages: list[str], batches: list[Batch]
) -> QuerySet[Subscriber, tuple[object, ...]]:
    """One row of COLUMNS for each person."""
    editions = dict(campaign.editions.values_list("language", "pk"))
    edition = [When(language=code, then=Value(edition_for(campaign, code, editions))) for code in languages]
    place = [When(place__lte=BATCH * at, then=Value(batch.pk)) for at, batch in enumerate(batches, 1)]
    values: dict[str, Combinable] = {
        "campaign": Value(campaign.pk),
        "batch": Case(*place, output_field=BigIntegerField()),
        "subscriber": F("pk"),
        "edition": Case(*edition, default=None, output_field=BigIntegerField()),
        "email": F("email"),
        "status": Value(Delivery.Status.QUEUED),
        "reason": Value(""),
        "due_at": Value(batches[0].due_at),
        "tries": Value(0),
        "message_id": Concat(RandomToken(), Value(f"@{campaign.sender.domain}")),
        "created_at": Value(timezone.now()),
    }
    return (
        people.annotate(place=Window(RowNumber(), order_by="pk"))
        .annotate(**{f"its_{name}": values[name] for name in COLUMNS})
        .values_list(*(f"its_{name}" for name in COLUMNS))
    )
