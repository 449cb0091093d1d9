"""Counts by the database, a statement for each table of a report, as plain rows that can be kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    Func,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import StrIndex, Substr
from django.db.models.lookups import In

from campaigns import reports
from campaigns.models import Campaign, Delivery, Event, Hits

from .reach import FOLLOWED
from .snapshot import one_moment

# Domains with a line of their own.
DOMAINS: Final = 20
# All others together. No domain is called so.
OTHERS: Final = "*"
Numbers = dict[str, Any]
Kind = Event.Kind
IS_CLICK: Final = Case(When(link__gt=0, then=Value(True)), default=Value(False))


class Hour(Func):
    """Whole hours since 1970 in UTC, which is how sums without persons are kept too."""

    output_field = BigIntegerField()
    template = "CAST(FLOOR(EXTRACT(EPOCH FROM %(expressions)s) / 3600) AS bigint)"

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper, **context: Any) -> Any:
        template = "CAST(strftime('%%%%s', %(expressions)s) AS integer) / 3600"
        return super().as_sql(compiler, connection, template=template, **context)


@one_moment()
def headline(campaign: Campaign) -> Numbers:
    """What the first lines of a report are made of."""
    return _headline(campaign, Events(campaign))


@one_moment()
def followed(campaign: Campaign) -> Numbers:
    """What the links are counted by."""
    return _followed(campaign, Events(campaign))


@one_moment()
def everything(campaign: Campaign) -> Numbers:
    domains = _largest_domains(campaign)
    events, hits = Events(campaign), _hits(campaign)
    sent = campaign.deliveries.ended().filter(status=Delivery.Status.SENT).order_by()
    hit_hours = hits.values_list(Hour("hour"), IS_CLICK, "is_suspect")
    return {
        **_headline(campaign, events),
        **_followed(campaign, events),
        "causes": _rows(reports.causes(campaign)),
        "domains": _rows(reports.counted(campaign, _among(domains, domain_of("email")), "status")),
        "domain_events": events.by(_among(domains, domain_of("delivery__email"))),
        "sent_hours": _rows(sent.values_list(Hour("finished_at")).annotate(mails=Count("*"))),
        "hours": _rows(events.counted(Hour("happened_at"), "kind")),
        "hit_hours": _rows(hit_hours.annotate(hits=Sum("number"))),
        "left": [[reason, people] for reason, _suspect, people in events.counted("reason", kind=Kind.UNSUBSCRIBED)],
        "agreed": sent.filter(subscriber__may_track=True).count(),
    }


def _headline(campaign: Campaign, events: Events) -> Numbers:
    return {
        "ledger": asdict(reports.ledger(campaign)),
        "mails": _rows(reports.counted(campaign, "edition", "status")),
        "events": events.by(F("delivery__edition")),
        "hits": _by_link(campaign),
    }


def _followed(campaign: Campaign, events: Events) -> Numbers:
    clicks = events.counted("delivery__edition", "link", kind=Kind.CLICKED)
    return {"clicks": _rows(clicks), "hits": _by_link(campaign)}


class Events:
    """What is known of a campaign's readers, each thing once: suspect is only what no person was seen to do."""

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
        events = _rows(self.counted(key, "kind"))
        clicks = self.events.filter(kind=Kind.CLICKED).values_list(key)
        people = clicks.annotate(
            least=Count("delivery", distinct=True, filter=Q(is_suspect=False)), most=Count("delivery", distinct=True)
        )
        for of, least, most in people:
            events += [[of, FOLLOWED, False, least], [of, FOLLOWED, True, most - least]]
        return events


def domain_of(column: str) -> Combinable:
    """Of an address; empty if that was erased."""
    return Substr(column, StrIndex(F(column), Value("@")) + 1)


def _by_link(campaign: Campaign) -> list[list[Any]]:
    return _rows(_hits(campaign).values_list("edition", "link", "is_suspect").annotate(hits=Sum("number")))


def _hits(campaign: Campaign) -> QuerySet[Hits]:
    return Hits.objects.filter(edition__campaign=campaign).order_by()


def _largest_domains(campaign: Campaign) -> list[str]:
    """Of the mails that have ended and of those that wait, the largest each; together a few more than are shown."""
    parts = (campaign.deliveries.ended(), Delivery.objects.waiting_of(campaign))
    largest: Counter[str] = Counter()
    for part in parts:
        domains = part.exclude(email="").order_by().values_list(domain_of("email")).annotate(mails=Count("*"))
        largest.update(dict(domains.order_by("-mails")[:DOMAINS]))
    return [domain for domain, _mails in largest.most_common(DOMAINS)]


def _among(domains: list[str], domain: Combinable) -> Combinable:
    """The domain itself if it is one of these; nothing stays nothing."""
    return Case(When(In(domain, [*domains, ""]), then=domain), default=Value(OTHERS), output_field=CharField())


def _rows(found: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(row) for row in found]
