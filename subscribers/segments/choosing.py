"""Lets staff choose the people of a segment wherever they choose people."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from subscribers import selections
from subscribers.models import Segment, Subscriber

from .rules import BadRules, condition


def _in_segment(found: QuerySet[Subscriber], number: int) -> QuerySet[Subscriber]:
    try:
        return found.filter(condition(_segment(number).rules))
    except BadRules as bad:
        raise selections.BadSelection(str(bad)) from bad


def _say(number: int) -> str:
    return _("Segment: %(name)s") % {"name": _segment(number)}


def _segment(number: int) -> Segment:
    found = Segment.objects.filter(pk=number).first()
    if found is None:
        raise selections.BadSelection(_("The segment does not exist any more."))
    return found


selections.register("segment", _in_segment, _say)
