"""Starts campaigns that are due, and gives everybody in their audience a delivery."""

from __future__ import annotations

import logging
import time

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import DatabaseError, connection, transaction
from django.db.models import BigIntegerField, Case, CharField, DateTimeField, F, Func, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns import audience
from campaigns.composition.compile import CompositionError, freeze
from campaigns.composition.localize import resolve
from campaigns.models import Campaign, Delivery
from subscribers.models import Subscriber

Status = Delivery.Status

logger = logging.getLogger(__name__)

# People per commit: some hundred milliseconds of work, repeated after a crash.
RANGE = 5000
COLUMNS = (
    "campaign", "subscriber", "edition", "email", "status", "reason", "priority", "due_at", "tries", "message_id",
    "owner", "finished_at", "created_at",
)  # fmt: skip


class RandomToken(Func):
    """32 random hexadecimal digits, drawn by the database."""

    output_field = CharField()
    template = "REPLACE(gen_random_uuid()::text, '-', '')"

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
    """
    campaign.refresh_from_db(fields=["status", "plan_cursor", "planned_at"])
    if campaign.planned_at or campaign.status in Campaign.ENDED:
        return True
    after = Subscriber.objects.filter(pk__gt=campaign.plan_cursor).order_by("pk").values_list("pk", flat=True)
    last = after[RANGE - 1 : RANGE].first()
    mine = Campaign.objects.filter(pk=campaign.pk, plan_cursor=campaign.plan_cursor, planned_at=None)
    mark: dict[str, object] = {"planned_at": timezone.now()} if last is None else {"plan_cursor": last}
    with transaction.atomic():
        if mine.update(**mark):
            people = audience.recipients(campaign).filter(pk__gt=campaign.plan_cursor)
            rows = _insert(campaign, people if last is None else people.filter(pk__lte=last))
            Campaign.objects.filter(pk=campaign.pk).update(planned=Coalesce("planned", 0) + rows)
    return last is None


def edition_for(campaign: Campaign, language: str, editions: dict[str, int]) -> int:
    """The number of the edition that a reader of this language gets, of those by language."""
    code = resolve(language or settings.LANGUAGE_CODE, editions, campaign.default_language)
    return editions[code] if code in editions else next(iter(editions.values()))


def _insert(campaign: Campaign, people: QuerySet[Subscriber]) -> int:
    try:
        statement, parameters = _rows(campaign, people).query.sql_with_params()
    except EmptyResultSet:
        # Its lists were deleted since.
        return 0
    quote, meta = connection.ops.quote_name, Delivery._meta
    columns = {field.name: str(field.column) for field in meta.concrete_fields}
    names = ", ".join(quote(columns[name]) for name in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(meta.db_table)} ({names}) {statement} ON CONFLICT DO NOTHING", parameters)
        return int(cursor.rowcount)


def _rows(campaign: Campaign, people: QuerySet[Subscriber]) -> QuerySet[Subscriber, tuple[object, ...]]:
    """One row of COLUMNS for each person."""
    now = timezone.now()
    skip = audience.unmailable(campaign)
    editions = dict(campaign.editions.values_list("language", "pk"))
    read = people.order_by().values_list("language", flat=True).distinct()
    edition = [When(language=code, then=Value(edition_for(campaign, code, editions))) for code in read]
    values: dict[str, Combinable] = {
        "campaign": Value(campaign.pk),
        "subscriber": F("pk"),
        "edition": Case(*edition, default=None, output_field=BigIntegerField()),
        "email": F("email"),
        "status": Case(When(skip, then=Value(Status.SKIPPED)), default=Value(Status.QUEUED)),
        "reason": Case(When(skip, then=Value(Delivery.Skip.SUPPRESSED)), default=Value("")),
        "priority": Value(Delivery.Priority.NORMAL),
        "due_at": Value(now),
        "tries": Value(0),
        "message_id": Concat(RandomToken(), Value(f"@{campaign.sender.domain}")),
        "owner": Value(""),
        "finished_at": Case(When(skip, then=Value(now)), default=None, output_field=DateTimeField()),
        "created_at": Value(now),
    }
    return (
        people.order_by("pk")
        .annotate(**{f"its_{name}": values[name] for name in COLUMNS})
        .values_list(*(f"its_{name}" for name in COLUMNS))
    )
