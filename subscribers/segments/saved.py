"""Segments that staff saved: how many people they find, and how other parts ask for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from subscribers import selections
from subscribers.models import Segment, Subscriber

from . import rules
from .patience import TookTooLong, at_most

# While somebody waits for a page.
PATIENCE_SECONDS = 3
SAMPLE = 5


@dataclass(frozen=True)
class Found:
    """`number` is None if counting took too long."""

    number: int | None
    sample: list[Subscriber] = field(default_factory=list)


def found_by(tree: Any, seconds: float = PATIENCE_SECONDS) -> Found:
    """Raises BadRules."""
    people = rules.people(tree).order_by()
    try:
        with at_most(seconds):
            number = people.count()
        with at_most(seconds):
            return Found(number, list(people.order_by("-pk")[:SAMPLE]) if number else [])
    except TookTooLong:
        return Found(None)


def count(segment: Segment, seconds: float = PATIENCE_SECONDS) -> bool:
    """Writes down how many there are now; False if that takes longer. Raises BadRules."""
    try:
        with at_most(seconds):
            segment.people = rules.people(segment.rules).count()
    except TookTooLong:
        return False
    segment.counted_at = timezone.now()
    Segment.objects.filter(pk=segment.pk).update(people=segment.people, counted_at=segment.counted_at)
    return True


def _narrow(people: QuerySet[Subscriber], number: int) -> QuerySet[Subscriber]:
    try:
        own = rules.people(_segment(number).rules)
    except rules.BadRules as problem:
        raise selections.BadSelection(str(problem)) from problem
    # A question of its own: what it asks for must not mix with what the people are asked for already.
    return people.filter(Exists(own.filter(pk=OuterRef("pk")).order_by()))


def _segment(number: int) -> Segment:
    segment = Segment.objects.filter(pk=number).first()
    if segment is None:
        raise selections.BadSelection(_("This segment does not exist any more."))
    return segment


selections.register("segment", _narrow, lambda number: _("Segment: %(name)s") % {"name": _segment(number)})
