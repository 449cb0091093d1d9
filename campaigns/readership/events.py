"""What is known of a campaign's readers, counted by the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Count, Exists, Func, Max, Min, OuterRef, Q
from django.db.models.expressions import Combinable

from campaigns.models import Campaign, Delivery, Event

from .reach import FOLLOWED

Kind = Event.Kind


class Hour(Func):
    """Whole hours since 1970 in UTC, which is how sums without persons are kept too."""

    output_field = BigIntegerField()
    template = "CAST(FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / 3600) AS bigint)"

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        template = "CAST(strftime('%%%%s', %(expressions)s) AS integer) / 3600"
        return super().as_sql(compiler, connection, template=template, **context)


class Events:
    """Each thing once: suspect is only what no person was seen to do."""

    def __init__(self, campaign: Campaign) -> None:
        # The mails of a campaign stand close together, and events are found by mail: those of others are not read.
        near = campaign.deliveries.ended().aggregate(first=Min("pk"), last=Max("pk"))
        events = Event.objects.filter(delivery__campaign=campaign).order_by()
        if near["first"]:
            events = events.filter(delivery__gte=near["first"], delivery__lte=near["last"])
        self.events = events

    def counted(self, *columns: str | Combinable, **only: Any) -> Iterable[tuple[Any, ...]]:
        """The columns, whether only machines were seen, and how many. What did not leave cannot have come back."""
        came_back = Q(kind=Kind.BOUNCED) & ~Q(delivery__status=Delivery.Status.SENT)
        same = {name: OuterRef(name) for name in ("delivery", "kind", "link")}
        events = self.events.filter(**only).exclude(came_back)
        by_people = events.filter(is_suspect=False)
        # In a part of its own, because PostgreSQL asks for each row if both stand in one condition.
        by_machines = events.filter(~Exists(Event.objects.filter(**same, is_suspect=False)), is_suspect=True)
        parts = (
            part.values_list(*columns, "is_suspect").annotate(things=Count("*")) for part in (by_people, by_machines)
        )
        return next(parts).union(next(parts), all=True)

    def by(self, key: Combinable) -> list[list[Any]]:
        """By key, kind and whether only machines were seen; and so people who followed any link."""
        return [*map(list, self.counted(key, "kind")), *self.followers(key)]

    def followers(self, key: Combinable) -> list[list[Any]]:
        """People who followed any link, as events of a kind of their own."""
        clicks = self.events.filter(kind=Kind.CLICKED).values_list(key)
        people = clicks.annotate(
            least=Count("delivery", distinct=True, filter=Q(is_suspect=False)), most=Count("delivery", distinct=True)
        )
        found: list[list[Any]] = []
        for of, least, most in people:
            found += [[of, FOLLOWED, False, least], [of, FOLLOWED, True, most - least]]
        return found


def folded(counted: Iterable[Sequence[Any]], *columns: int) -> list[list[Any]]:
    """The same counts by fewer columns; the last one holds the numbers."""
    found: Counter[tuple[Any, ...]] = Counter()
    for row in counted:
        found[tuple(row[column] for column in columns)] += row[-1]
    return [[*key, number] for key, number in found.items()]
