"""What happened when: by hours at first, then by days of the site's time zone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from campaigns.models import Event

from .reach import NONE, Span

HOURS: Final = 48
# What comes later stands together.
DAYS: Final = 60
_SECONDS: Final = 3600
Kind = Event.Kind


@dataclass(frozen=True)
class Things:
    """`opened` are people at their first time, `clicked` people and links; `openings` and `clicks` are sums."""

    sent: int = 0
    opened: Span = NONE
    clicked: Span = NONE
    unsubscribed: int = 0
    openings: Span = NONE
    clicks: Span = NONE

    def __add__(self, other: Things) -> Things:
        return Things(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


@dataclass(frozen=True)
class Moment:
    """An hour, or a day, or all that came later."""

    begins_at: datetime
    unit: str
    things: Things


def things_by_hour(numbers: dict[str, Any]) -> dict[int, Things]:
    found: dict[int, Things] = defaultdict(Things)
    for hour, mails in numbers["sent_hours"]:
        found[hour] += Things(sent=mails)
    for hour, kind, is_suspect, number in numbers["hours"]:
        found[hour] += _event(kind, is_suspect, number)
    for hour, is_click, is_suspect, number in numbers["hit_hours"]:
        span = Span.seen(number, is_suspect)
        found[hour] += Things(clicks=span) if is_click else Things(openings=span)
    return dict(found)


def moments(things: dict[int, Things], began_at: datetime) -> list[Moment]:
    """Without a gap from the first hour to the last thing that happened, and together all of them."""
    if not things:
        return []
    first = min(int(began_at.timestamp()) // _SECONDS, *things)
    border = first + HOURS
    hours = range(first, min(border, max(things) + 1))
    found = [Moment(_at(hour), "hour", things.get(hour, Things())) for hour in hours]
    return found + _days({hour: one for hour, one in things.items() if hour >= border}, border)


def _days(things: dict[int, Things], border: int) -> list[Moment]:
    if not things:
        return []
    days: dict[int, Things] = defaultdict(Things)
    first = timezone.localdate(_at(border))
    for hour, one in things.items():
        days[min((timezone.localdate(_at(hour)) - first).days, DAYS)] += one
    last = max(days)
    return [
        Moment(_at(border) if day == 0 else _midnight(first, day), "later" if day == DAYS else "day", days[day])
        for day in range(last + 1)
    ]


def _midnight(first: Any, days: int) -> datetime:
    return timezone.make_aware(datetime.combine(first + timedelta(days=days), datetime.min.time()))


def _at(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * _SECONDS, UTC)


def _event(kind: str, is_suspect: bool, number: int) -> Things:
    if kind == Kind.OPENED:
        return Things(opened=Span.seen(number, is_suspect))
    if kind == Kind.CLICKED:
        return Things(clicked=Span.seen(number, is_suspect))
    return Things(unsubscribed=number) if kind == Kind.UNSUBSCRIBED else Things()


def together(found: Iterable[Moment]) -> Things:
    return sum((moment.things for moment in found), Things())
