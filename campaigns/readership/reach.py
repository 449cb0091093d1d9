"""What became of some mails: every mail is in exactly one outcome, and what its reader did is counted beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Final

from campaigns.models import Delivery, Event

# Of an event: people who followed any link, however many.
FOLLOWED: Final = "followed"
Status = Delivery.Status
Kind = Event.Kind


@dataclass(frozen=True)
class Span:
    """At least as many, and at most: scanners open mails and follow links as people do."""

    least: int = 0
    most: int = 0

    def __add__(self, other: Span) -> Span:
        return Span(self.least + other.least, self.most + other.most)

    def __bool__(self) -> bool:
        return self.most > 0

    @classmethod
    def seen(cls, number: int, is_suspect: bool) -> Span:
        """So many things of which only a machine was seen, or not."""
        return cls(0 if is_suspect else number, number)


NONE: Final = Span()


@dataclass(frozen=True)
class Reach:
    """`opened` and `clicked` are people; `delivered` are mails that were sent and did not come back."""

    delivered: int = 0
    bounced: int = 0
    failed: int = 0
    skipped: int = 0
    uncertain: int = 0
    waiting: int = 0
    opened: Span = NONE
    clicked: Span = NONE
    unsubscribed: int = 0
    complained: int = 0

    @property
    def sent(self) -> int:
        return self.delivered + self.bounced

    @property
    def planned(self) -> int:
        return self.sent + self.failed + self.skipped + self.uncertain + self.waiting

    def __add__(self, other: Reach) -> Reach:
        return Reach(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


def reach(mails: Iterable[tuple[str, int]], events: Iterable[tuple[str, bool, int]]) -> Reach:
    """Of counts by status, and by kind and whether only machines were seen."""
    ended: Counter[str] = Counter()
    for status, number in mails:
        ended[status] += number
    happened: Counter[tuple[str, bool]] = Counter()
    for kind, is_suspect, number in events:
        happened[kind, is_suspect] += number

    def span(kind: str) -> Span:
        return Span.seen(happened[kind, False], is_suspect=False) + Span.seen(happened[kind, True], is_suspect=True)

    bounced = span(Kind.BOUNCED).most
    return Reach(
        delivered=ended[Status.SENT] - bounced,
        bounced=bounced,
        failed=ended[Status.FAILED],
        skipped=ended[Status.SKIPPED],
        uncertain=ended[Status.UNCERTAIN],
        waiting=ended[Status.QUEUED],
        opened=span(Kind.OPENED),
        clicked=span(FOLLOWED),
        unsubscribed=span(Kind.UNSUBSCRIBED).most,
        complained=span(Kind.COMPLAINED).most,
    )


def reaches(mails: Iterable[list[Any]], events: Iterable[list[Any]]) -> dict[Any, Reach]:
    """The same by what stands first in each row."""
    mails, events = list(mails), list(events)
    return {
        key: reach(
            [(status, number) for of, status, number in mails if of == key],
            [(kind, is_suspect, number) for of, kind, is_suspect, number in events if of == key],
        )
        for key in dict.fromkeys(row[0] for row in [*mails, *events])
    }
