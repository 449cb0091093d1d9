"""Keeps nothing for longer than the rules say, a bounded step at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from subscribers.models import (
    ConsentRecord,
    Import,
    ImportIssue,
    ImportJournal,
    RetentionRule,
    SignUp,
    Subscriber,
    Subscription,
)

AT_ONCE: Final = 1_000
# Nobody waits for an exact number of millions.
MOST_COUNTED: Final = 100_000

Kind = RetentionRule.Kind
# How many would be removed that are older; nobody counts beyond so many.
Count = Callable[[RetentionRule, datetime, int], int]
# Removes some of them and moves the rule's cursor; how many, or nothing if none is left.
Step = Callable[[RetentionRule, datetime], int | None]


@dataclass(frozen=True)
class Keeping:
    count: Count
    step: Step


_kinds: dict[str, Keeping] = {}


def register(kind: str, count: Count, step: Step) -> None:
    """When the application starts."""
    _kinds[kind] = Keeping(count, step)


def would_remove(rule: RetentionRule, *, most: int = MOST_COUNTED) -> int:
    """If it were carried out now, whether it is in force or not."""
    return _kinds[rule.kind].count(rule, _before(rule), most)


def carry_out(rule: RetentionRule, *, seconds: float) -> bool:
    """For about so long; whether more is left. A step that was killed is done again."""
    end = monotonic() + seconds
    before = _before(rule)
    if rule.ran_at is None or rule.ran_at < timezone.now() - timedelta(hours=12):
        rule.removed = 0
    while (removed := _kinds[rule.kind].step(rule, before)) is not None:
        rule.removed += removed
        rule.save(update_fields=["removed", "cursor"])
        if monotonic() > end:
            return True
    rule.ran_at = timezone.now()
    rule.save(update_fields=["ran_at", "removed", "cursor"])
    return False


def carry_out_all(*, seconds: float) -> bool:
    """Whatever is in force, so long for each; whether more is left."""
    rules = RetentionRule.objects.filter(is_active=True, kind__in=_kinds)
    unfinished = [rule for rule in rules if carry_out(rule, seconds=seconds)]
    return bool(unfinished)


def _before(rule: RetentionRule) -> datetime:
    return timezone.now() - timedelta(days=rule.days)


def _count_unconfirmed(rule: RetentionRule, before: datetime, most: int) -> int:
    return Subscription.objects.unconfirmed(before)[:most].count()


@transaction.atomic
def _remove_unconfirmed(rule: RetentionRule, before: datetime) -> int | None:
    """Who is on no other list and got there by nothing else goes too: we know no reason to keep them."""
    found = dict(Subscription.objects.unconfirmed(before).values_list("pk", "subscriber")[:AT_ONCE])
    Subscription.objects.filter(pk__in=found, status=Subscription.Status.PENDING).delete()
    agreed = ConsentRecord.objects.filter(subscriber=OuterRef("pk"), action=ConsentRecord.Action.GRANTED)
    joined = Subscription.objects.filter(subscriber=OuterRef("pk"))
    strangers = Subscriber.objects.filter(
        ~Exists(agreed), ~Exists(joined), pk__in=found.values(), created_at__lt=before
    )
    numbers = list(strangers.values_list("pk", flat=True))
    ConsentRecord.objects.filter(subscriber__in=numbers).update(network_address=None)
    Subscriber.objects.filter(pk__in=numbers).delete()
    return len(found) or None


def _count_sign_ups(rule: RetentionRule, before: datetime, most: int) -> int:
    return SignUp.objects.filter(created_at__lt=before)[:most].count()


def _remove_sign_ups(rule: RetentionRule, before: datetime) -> int | None:
    """The consent records of those who confirmed hold what is proof."""
    numbers = list(SignUp.objects.order_by("pk").filter(created_at__lt=before).values_list("pk", flat=True)[:AT_ONCE])
    SignUp.objects.filter(pk__in=numbers).delete()
    return len(numbers) or None


def _count_import_rows(rule: RetentionRule, before: datetime, most: int) -> int:
    over = Import.objects.over().filter(finished_at__lt=before)
    issues = ImportIssue.objects.filter(found_in__in=over)[:most].count()
    return issues + ImportJournal.objects.filter(found_in__in=over)[:most].count()


@transaction.atomic
def _remove_import_rows(rule: RetentionRule, before: datetime) -> int | None:
    over = Import.objects.over().filter(finished_at__lt=before)
    issues = list(ImportIssue.objects.filter(found_in__in=over).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if issues:
        return ImportIssue.objects.filter(pk__in=issues).delete()[0]
    # All lines of an import or none: half of them would undo half of it. Whoever is about to undo it waits.
    journals = ImportJournal.objects.filter(found_in=OuterRef("pk"))
    undoable = over.filter(Exists(journals)).order_by("pk").select_for_update().first()
    if undoable:
        return undoable.journal.all().delete()[0]
    over.exclude(sample=[]).update(sample=[])
    return None


def _count_network_addresses(rule: RetentionRule, before: datetime, most: int) -> int:
    return ConsentRecord.objects.filter(network_address__isnull=False, recorded_at__lt=before)[:most].count()


def _remove_network_addresses(rule: RetentionRule, before: datetime) -> int | None:
    old = ConsentRecord.objects.filter(network_address__isnull=False, recorded_at__lt=before)
    numbers = list(old.order_by("recorded_at").values_list("pk", flat=True)[:AT_ONCE])
    return ConsentRecord.objects.filter(pk__in=numbers).update(network_address=None) or None


register(Kind.SIGN_UPS, _count_sign_ups, _remove_sign_ups)
register(Kind.UNCONFIRMED, _count_unconfirmed, _remove_unconfirmed)
register(Kind.IMPORT_FILES, _count_import_rows, _remove_import_rows)
register(Kind.NETWORK_ADDRESSES, _count_network_addresses, _remove_network_addresses)
