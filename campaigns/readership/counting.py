"""Counts by the database, a statement for each table of a report, as plain rows that can be kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from django.db.models import Case, CharField, Count, F, QuerySet, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import StrIndex, Substr
from django.db.models.lookups import In

from campaigns import reports
from campaigns.models import Campaign, Delivery, Event, Hits
from campaigns.verdicts import ENHANCED

from .events import Events, Hour, folded
from .snapshot import one_moment

# Domains with a line of their own.
DOMAINS: Final = 20
# All others together. No domain is called so.
OTHERS: Final = "*"
Numbers = dict[str, Any]
Kind = Event.Kind
EDITION: Final = F("delivery__edition")
IS_CLICK: Final = Case(When(link__gt=0, then=Value(True)), default=Value(False))


@one_moment()
def headline(campaign: Campaign) -> Numbers:
    """What the first lines of a report are made of."""
    return _outcomes(campaign) | {"events": Events(campaign).by(EDITION)}


@one_moment()
def followed(campaign: Campaign) -> Numbers:
    """What the links are counted by."""
    clicks = Events(campaign).counted(EDITION, "link", kind=Kind.CLICKED)
    return {"clicks": _rows(clicks), "hits": _by_link(campaign)}


@one_moment()
def everything(campaign: Campaign) -> Numbers:
    domains, events = _largest_domains(campaign), Events(campaign)
    sent = campaign.deliveries.ended().filter(status=Delivery.Status.SENT).order_by()
    hit_hours = _hits(campaign).values_list(Hour("hour"), IS_CLICK, "is_suspect")
    # In one pass, for reading the events takes longest.
    things = list(events.counted(EDITION, "link", Hour("happened_at"), "kind"))
    return {
        **_outcomes(campaign),
        "events": [*folded(things, 0, 3, 4), *events.followers(EDITION)],
        "clicks": folded([thing for thing in things if thing[3] == Kind.CLICKED], 0, 1, 4),
        "hours": folded(things, 2, 3, 4),
        "causes": _rows(reports.causes(campaign)),
        "bounces": _bounces(events),
        "domains": _rows(reports.counted(campaign, _among(domains, domain_of("email")), "status")),
        "domain_events": events.by(_among(domains, domain_of("delivery__email"))),
        "sent_hours": _rows(sent.values_list(Hour("finished_at")).annotate(mails=Count("*"))),
        "hit_hours": _rows(hit_hours.annotate(hits=Sum("number"))),
        "left": [[reason, people] for reason, _suspect, people in events.counted("reason", kind=Kind.UNSUBSCRIBED)],
        "agreed": sent.filter(subscriber__may_track=True).count(),
    }


def _outcomes(campaign: Campaign) -> Numbers:
    return {
        "ledger": asdict(reports.ledger(campaign)),
        "mails": _rows(reports.counted(campaign, "edition", "status")),
        "hits": _by_link(campaign),
    }


def _bounces(events: Events) -> list[list[Any]]:
    """By the status code in the server's words (RFC 3463), if there is one: the words differ from mail to mail."""
    found: Counter[str] = Counter()
    for words, _is_suspect, mails in events.counted("words", kind=Kind.BOUNCED):
        status = ENHANCED.search(words)
        found[status[0] if status else ""] += mails
    return [[code, mails] for code, mails in found.most_common()]


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
