"""Asks people whom an import brought whether they want to be on its lists, if that is how it was meant."""

from __future__ import annotations

from collections import defaultdict
from time import monotonic
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from subscribers.models import Import, ImportJournal, SignUp, Subscriber, Subscription

from . import sign_ups

# What a run that ended early has written stands; what was undone is gone.
WRITTEN: Final = (Import.Status.DONE, Import.Status.FAILED, Import.Status.CANCELLED)


def unasked() -> QuerySet[Import]:
    """Imports of which some people have not been asked."""
    rest = ImportJournal.objects.filter(found_in=OuterRef("pk"), cursor__gt=OuterRef("asked_to"))
    return Import.objects.filter(Exists(rest), needs_confirmation=True, status__in=WRITTEN)


def ask(number: int, *, seconds: float) -> bool:
    """Of one import, for about so long; whether more is left. What was killed is done again."""
    end = monotonic() + seconds
    while _ask_some(number):
        if monotonic() > end:
            return True
    return False


@transaction.atomic
def _ask_some(number: int) -> bool:
    """Those whom one commit of the import has written, together with the note that they are asked."""
    found = unasked().filter(pk=number).select_for_update(skip_locked=True, of=("self",)).first()
    commit = found and found.journal.filter(cursor__gt=found.asked_to).order_by("cursor").first()
    if not found or not commit:
        return False
    _store(found, _waiting(commit))
    Import.objects.filter(pk=found.pk).update(asked_to=commit.cursor)
    sign_ups.nudge()
    return True


def _waiting(commit: ImportJournal) -> dict[int, list[int]]:
    """By person the lists on which it made them wait for their confirmation, which they still do."""
    pending = Subscription.objects.filter(status=Subscription.Status.PENDING)
    # Rows of a file may name lists, which are not noted of people who are new. Whatever began with them is ours.
    parts = [(pending.filter(created_at=F("subscriber__created_at")), commit.entries.get("new", []))]
    for number, ranges in commit.entries.get("joined", {}).items():
        parts.append((pending.filter(mailing_list=int(number)), ranges))
    waiting = defaultdict(set)
    for ours, ranges in parts:
        for first, last in ranges:
            found = ours.filter(subscriber__gte=first, subscriber__lte=last)
            for person, mailing_list in found.values_list("subscriber", "mailing_list"):
                waiting[person].add(mailing_list)
    return {person: sorted(lists) for person, lists in waiting.items()}


def _store(found: Import, waiting: dict[int, list[int]]) -> None:
    asked = SignUp.objects.filter(found_in=found, email=OuterRef("email"))
    people = Subscriber.objects.filter(~Exists(asked), pk__among=waiting)
    rows = {
        person.pk: SignUp(
            email=person.email,
            fingerprint=person.fingerprint,
            language=person.language,
            found_in=found,
            statement=found.consent_statement,
        )
        for person in people.only("email", "fingerprint", "language")
    }
    SignUp.objects.bulk_create(rows.values(), batch_size=1000)
    through = SignUp.mailing_lists.through
    links = [through(signup=row, mailinglist_id=number) for person, row in rows.items() for number in waiting[person]]
    through._default_manager.bulk_create(links, batch_size=1000)
