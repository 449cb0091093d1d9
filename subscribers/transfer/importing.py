"""One pass over a file: the dry run and the run are the same, except that the dry run writes no people.

Each chunk commits its people, its issues, its counts and the cursor together, so a pass that is killed
goes on behind the last chunk. The cursor is also the fence: a worker that lost its lease finds it moved
and writes nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any, Final

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from subscribers.models import Import, ImportIssue
from subscribers.transfer import wording
from subscribers.transfer.candidates import Candidate, Flaw, Judge, Unusable
from subscribers.transfer.faults import FileRefused
from subscribers.transfer.matching import Match, Matcher
from subscribers.transfer.reading import Row, Source, reading
from subscribers.transfer.writing import write

CHUNK: Final = 500
RENEW_EVERY: Final = 5_000
LEASE: Final = timedelta(seconds=60)
LONGEST_KEPT_CELL: Final = 500
ENROLLED: Final = "enrolled"

Outcome = Import.Outcome
Reason = ImportIssue.Reason
Status = Import.Status
logger = logging.getLogger(__name__)


class Overtaken(Exception):
    """The import was cancelled, or another worker goes on with it."""


def proceed(started: Import, *, seconds: float) -> bool:
    """Work on a pass for about so long; whether more is left to do. Never raises for what the file holds."""
    if not _lease(started):
        return False
    try:
        return Pass(started).run(seconds=seconds)
    except Overtaken:
        return False
    except FileRefused as refusal:
        started.fail(wording.explain(refusal))
    except (OperationalError, InterfaceError):
        # The database is away or busy: the lease runs out, and somebody goes on.
        raise
    except Exception:
        # Anything else would happen again and again, each time the lease runs out.
        logger.exception("Import %s failed", started.pk)
        started.fail(_("Something unexpected happened. The log of the worker tells more."))
    started.forget_file()
    return False


def source_of(started: Import) -> Source:
    return Source(Path(started.file.path), started.name, started.dialect)


def _lease(started: Import) -> bool:
    """Take the import for this worker alone; False if another has it."""
    won = Import.objects.unattended().filter(pk=started.pk).update(leased_until=timezone.now() + LEASE)
    if won:
        started.refresh_from_db()
    return bool(won)


class Pass:
    def __init__(self, started: Import) -> None:
        self._import = started
        self._writes = started.status == Status.RUNNING
        self._judge = Judge(started.mapping, len(started.columns))
        self._matcher = Matcher(started.existing, list(started.mailing_lists.order_by("id")))
        self._seen: dict[str, int] = {}

    def run(self, *, seconds: float) -> bool:
        heading = self._import.dialect.get("heading", 0)
        with reading(source_of(self._import)) as opened:
            rows = (row for row in opened.rows if row.number > heading)
            if not self._writes and not self._import.cursor:
                self._renew(total_rows=opened.estimate)
            self._remember(islice(rows, self._import.cursor))
            # The clock starts here: a pass that only ever found its place again would never end.
            end = monotonic() + seconds
            while chunk := list(islice(rows, CHUNK)):
                self._commit(chunk)
                if monotonic() > end:
                    Import.objects.filter(pk=self._import.pk, cursor=self._import.cursor).update(leased_until=None)
                    return True
        self._finish()
        return False

    def _remember(self, rows: Iterable[Row]) -> None:
        """Know the addresses of the rows that are done already, to recognise repeated ones."""
        for number, row in enumerate(rows, start=1):
            if number % RENEW_EVERY == 0:
                self._renew()
            try:
                self._accept(row)
            except Unusable:
                continue

    def _accept(self, row: Row) -> Candidate:
        """Raises Unusable. A row that is refused does not make the next one a repetition."""
        email = self._judge.address(row)
        first = self._seen.get(email)
        if first is not None:
            raise Unusable(Reason.DUPLICATE, _("Row %(row)s has this address already.") % {"row": first})
        candidate = self._judge.candidate(row, email)
        self._seen[email] = row.number
        return candidate

    def _commit(self, rows: list[Row]) -> None:
        issues: list[ImportIssue] = []
        counts = Counter(self._import.counts)
        # What needs no database comes first: SQLite lets nobody else write during a transaction.
        candidates = list(self._candidates(rows, issues, counts))
        with transaction.atomic():
            matches = self._matcher.match(candidates)
            for match in matches:
                self._count(match, issues, counts)
            if self._writes:
                write(matches, statement=self._import.consent_statement)
            ImportIssue.objects.bulk_create(issues)
            self._renew(cursor=self._import.cursor + len(rows), counts=dict(counts))

    def _candidates(self, rows: list[Row], issues: list[ImportIssue], counts: Counter[str]) -> Iterator[Candidate]:
        for row in rows:
            try:
                yield self._accept(row)
            except Unusable as unusable:
                outcome = Outcome.DUPLICATE if unusable.flaw.reason == Reason.DUPLICATE else Outcome.INVALID
                counts[outcome] += 1
                issues.append(self._issue(row, [unusable.flaw], is_rejected=True))

    def _count(self, match: Match, issues: list[ImportIssue], counts: Counter[str]) -> None:
        counts[match.outcome] += 1
        if match.is_written:
            counts[ENROLLED] += len(match.joins) + len(match.confirms)
        if match.flaws:
            is_rejected = match.outcome in (Outcome.LEFT, Outcome.SUPPRESSED)
            issues.append(self._issue(match.candidate.row, match.flaws, is_rejected=is_rejected))

    def _issue(self, row: Row, flaws: list[Flaw], *, is_rejected: bool) -> ImportIssue:
        return ImportIssue(
            found_in=self._import,
            row=row.number,
            reason=flaws[0].reason,
            message=" ".join(flaw.message for flaw in flaws),
            values=[cell[:LONGEST_KEPT_CELL] for cell in row.cells],
            is_rejected=is_rejected,
        )

    def _renew(self, **changes: Any) -> None:
        """Keep the lease, and change the row if its cursor is where this worker left it. Raises Overtaken."""
        here = Q(pk=self._import.pk, status=self._import.status, cursor=self._import.cursor)
        changes["leased_until"] = timezone.now() + LEASE
        if not Import.objects.filter(here).update(**changes):
            raise Overtaken
        # A failed commit raises before anybody reads these.
        for name, value in changes.items():
            setattr(self._import, name, value)

    def _finish(self) -> None:
        ended: dict[str, Any] = {"leased_until": None, "finished_at": timezone.now()}
        if self._writes:
            if self._import.move_to(Status.DONE, only_from=Status.RUNNING, **ended):
                self._import.forget_file()
        else:
            self._import.move_to(Status.CHECKED, total_rows=self._import.cursor, **ended)
