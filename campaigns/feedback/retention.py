"""How long the words of servers are kept: the outcomes stay."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from campaigns.models import Attempt, Event
from subscribers import retention
from subscribers.models import RetentionRule

# Numbers of attempts per step.
RANGE: Final = 5_000


def count_answers(rule: RetentionRule, before: datetime, most: int) -> int:
    return _kept(before).filter(pk__gt=rule.cursor)[:most].count() + _bounces(before)[:most].count()


def remove_answers(rule: RetentionRule, before: datetime) -> int | None:
    """Attempts are about as old as their numbers: the cursor stands before the first that is too young."""
    rows = Attempt.objects.filter(pk__gt=rule.cursor).order_by("pk")
    some = list(rows.values_list("pk", "tried_at")[:RANGE])
    old = [number for number, tried_at in some if tried_at < before]
    if not old:
        return _remove_from_bounces(before)
    removed = _kept(before).filter(pk__in=old).update(answer="")
    young = next((number for number, tried_at in some if tried_at >= before), None)
    rule.cursor = some[-1][0] if young is None else young - 1
    return None if young is not None and not removed else removed


def _remove_from_bounces(before: datetime) -> int | None:
    numbers = list(_bounces(before).order_by("pk").values_list("pk", flat=True)[:RANGE])
    return Event.objects.filter(pk__in=numbers).update(words="") or None


def _bounces(before: datetime) -> QuerySet[Event]:
    """Few beside the mails; what readers say in their own words is no answer of a server."""
    return Event.objects.filter(kind=Event.Kind.BOUNCED, happened_at__lt=before).exclude(words="")


def _kept(before: datetime) -> QuerySet[Attempt]:
    return Attempt.objects.filter(tried_at__lt=before).exclude(answer="")


retention.register(RetentionRule.Kind.LOGS, count_answers, remove_answers)
