"""Takes back what an import has written, commit by commit, except from those who did something since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from subscribers.models import Import, ImportJournal, SignUp
from subscribers.transfer import traces
from subscribers.transfer.lease import LEASE, Overtaken
from subscribers.transfer.retracting import Retraction
from subscribers.transfer.traces import Kept

AT_ONCE: Final = 1_000
Status = Import.Status


@dataclass
class Balance:
    """How many people go, get back what they had, or are kept and why."""

    removed: int = 0
    restored: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    is_complete: bool = True
    """False if there was no time to look at everybody."""

    def lines(self) -> list[tuple[str, int]]:
        """Why people are kept, in words."""
        return [(traces.label(reason), people) for reason, people in self.kept.most_common()]

    def add(self, retraction: Retraction) -> None:
        self.removed += retraction.removed
        self.restored += len(retraction.restored)
        self.kept.update(retraction.kept.values())


def proceed(started: Import, *, seconds: float) -> bool:
    """Work on it for about so long; whether more is left to do. Raises Overtaken."""
    end = monotonic() + seconds
    while _step(started):
        if monotonic() > end:
            Import.objects.filter(pk=started.pk, status=Status.UNDOING).update(leased_until=None)
            return True
    _forget_questions(started)
    started.move_to(Status.UNDONE, leased_until=None)
    return False


def forecast(over: Import, *, seconds: float) -> Balance:
    """What undoing would come to now, without doing it."""
    end, balance = monotonic() + seconds, Balance()
    for entry in over.journal.filter(undone__isnull=True).iterator(chunk_size=1):
        if monotonic() > end:
            balance.is_complete = False
            break
        retraction = Retraction(over, entry.entries)
        retraction.look()
        balance.add(retraction)
    return balance


def balance(over: Import) -> Balance:
    """What undoing has come to so far."""
    found = Balance(is_complete=not over.journal.filter(undone__isnull=True).exists())
    for undone in _undone(over):
        found.removed += undone["removed"]
        found.restored += undone["restored"]
        found.kept.update({reason: len(people) for reason, people in undone["kept"].items()})
    return found


def kept(over: Import) -> Iterator[Kept]:
    """Who was left as they are; some of them may have been deleted since."""
    for undone in _undone(over):
        for reason, people in undone["kept"].items():
            yield from (Kept(person, reason) for person in people)


def _undone(over: Import) -> Iterator[Any]:
    yield from over.journal.exclude(undone__isnull=True).values_list("undone", flat=True)


def _forget_questions(started: Import) -> None:
    """Whoever was asked to confirm, and has not: their link says that there is nothing to confirm."""
    unanswered = SignUp.objects.filter(found_in=started).exclude(status=SignUp.Status.CONFIRMED)
    while numbers := list(unanswered.values_list("pk", flat=True)[:AT_ONCE]):
        SignUp.objects.filter(pk__in=numbers).delete()


def _step(started: Import) -> bool:
    """Undo one commit, in one transaction; whether there was any. Raises Overtaken."""
    with transaction.atomic():
        here = Import.objects.filter(pk=started.pk, status=Status.UNDOING)
        if not here.update(leased_until=timezone.now() + LEASE):
            raise Overtaken
        # Whoever lost the lease waits here, and then finds that the entry is undone. The last comes first.
        entry = started.journal.select_for_update().filter(undone__isnull=True).order_by("-cursor").first()
        if entry is None:
            return False
        retraction = Retraction(started, entry.entries)
        retraction.carry_out(
            ImportJournal.objects.filter(pk__gt=entry.pk, undone__isnull=True).exclude(found_in=started)
        )
        people: dict[str, list[int]] = {}
        for person, reason in retraction.kept.items():
            people.setdefault(reason, []).append(person)
        entry.undone = {"removed": retraction.removed, "restored": len(retraction.restored), "kept": people}
        entry.save(update_fields=["undone"])
    return True
