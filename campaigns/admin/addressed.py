"""To whom a campaign goes and to whom not, by name and in words, for whoever is about to confirm it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.models import Campaign
from subscribers.models import MailingList, Segment
from subscribers.segments import saved
from subscribers.segments.conditions import facts
from subscribers.segments.wording import in_words


@dataclass(frozen=True)
class Named:
    """A list, or a segment with what it asks for; `people` is None if counting them takes too long."""

    name: str
    words: str = ""
    people: int | None = None


@dataclass(frozen=True)
class Addressed:
    lists: list[Named]
    segments: list[Named]
    excluded: list[Named]


def addressed(campaign: Campaign) -> Addressed:
    """Raises BadRules."""
    return Addressed(
        lists=_lists(campaign.mailing_lists.all()),
        segments=_segments(campaign.segments.all()),
        excluded=[*_lists(campaign.excluded_lists.all()), *_segments(campaign.excluded_segments.all())],
    )


def _lists(chosen: Iterable[MailingList]) -> list[Named]:
    return [Named(each.name) for each in chosen]


def _segments(chosen: Iterable[Segment]) -> list[Named]:
    known = facts()
    return [_segment(each, in_words(each.rules, known)) for each in chosen]


def _segment(segment: Segment, words: str) -> Named:
    return Named(segment.name, words, segment.people if saved.count(segment) else None)
