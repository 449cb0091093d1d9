"""Taking an import back: what it would come to, the going, and what it came to."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.translation import gettext as _

from subscribers import tasks
from subscribers.admin.import_frame import ImportFrame, address
from subscribers.models import Import, RetentionRule, Subscriber
from subscribers.transfer import traces, undoing
from subscribers.transfer.progress import Progress

# Whoever presses the button waits for it.
FORECAST_SECONDS = 4
MOST_LISTED = 2_000
LISTED_ON_A_PAGE = 50
PERMISSION = "subscribers.undo_import"
Status = Import.Status


class ImportUndo(ImportFrame):
    def get_urls(self) -> list[URLPattern]:
        return [self.own_path("undo", self.undo_view), *super().get_urls()]

    def undo_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Looking tells what it would come to; only pressing the button begins it."""
        found = self.import_to_see(request, object_id)
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        if request.method == "POST":
            self._undo(request, found)
        if request.method == "POST" or not can_be_undone(found):
            return HttpResponseRedirect(address("change", found))
        balance = undoing.forecast(found, seconds=FORECAST_SECONDS)
        return self.page(request, "undo", {"title": found.name, "step": 4, "balance": balance}, found)

    def _undo(self, request: HttpRequest, found: Import) -> None:
        with transaction.atomic():
            # Locked, because retention may be about to remove the records by which it is undone.
            locked = Import.objects.select_for_update().get(pk=found.pk)
            is_begun = can_be_undone(locked) and locked.undo()
        if is_begun:
            tasks.nudge(found.pk)
            self.log_change(request, found, _("Undid the import."))
        else:
            self.tell_who_was_faster(request, found)


def can_be_undone(found: Import) -> bool:
    """Whether it has written anything that was not taken back."""
    return found.status in Import.MOVES[Status.UNDOING] and found.journal.exists()


def is_past_undoing(found: Import) -> bool:
    """Whether the records of what it has written were removed, as a rule of retention says."""
    arrived = sum(found.counts.get(outcome, 0) for outcome in (Import.Outcome.NEW, Import.Outcome.UPDATED))
    if not arrived or found.status not in Import.MOVES[Status.UNDOING] or found.journal.exists():
        return False
    # One that did not end by itself may have written nothing at all.
    return found.status == Status.DONE or was_cleared(found)


def was_cleared(found: Import) -> bool:
    rule = RetentionRule.objects.filter(kind=RetentionRule.Kind.IMPORT_FILES, ran_at__isnull=False).first()
    if rule is None or rule.ran_at is None or found.finished_at is None:
        return False
    return found.finished_at < rule.ran_at - timedelta(days=rule.days)


def undo_progress(found: Import) -> Progress:
    """In commits, of which each has its line in the journal."""
    total, left = found.journal.count(), found.journal.filter(undone=None).count()
    return Progress(total - left, total, 0, 0.0, None)


def kept_people(found: Import, number: str | None) -> dict[str, Any]:
    """Who was left as they are, a page of them."""
    listed = list(islice(undoing.kept(found), MOST_LISTED))
    page = Paginator(listed, LISTED_ON_A_PAGE).get_page(number)
    people = Subscriber.objects.in_bulk([kept.person for kept in page])
    return {
        "balance": undoing.balance(found),
        "kept": page,
        "kept_people": [(people.get(kept.person), traces.label(kept.reason)) for kept in page],
        "kept_is_cut": len(listed) == MOST_LISTED,
    }
