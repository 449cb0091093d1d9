"""One pass over a file: the dry run and the run are the same, except that the dry run writes no people.

Each chunk commits its people, its issues, its counts and the cursor together, so a pass that is killed
goes on behind the last chunk. The cursor is also the fence: a worker that lost its lease finds it moved
and writes nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain, dropwhile, islice
from pathlib import Path
from time import monotonic
from typing import Any, Final

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from subscribers.hurry import hurrying
from subscribers.models import Import, ImportIssue, ImportJournal
from subscribers.transfer import lease, settling, undoing, wording
from subscribers.transfer.candidates import Candidate
from subscribers.transfer.domains import Domains
from subscribers.transfer.faults import FileRefused
from subscribers.transfer.lease import LEASE, Overtaken
from subscribers.transfer.loading import look_up
from subscribers.transfer.matching import Match
from subscribers.transfer.reading import Row, Source, reading
from subscribers.transfer.sieve import Sieve, Sifted, issue, sifted
from subscribers.transfer.stops import are_stopped
from subscribers.transfer.writing import Writer, lock

CHUNK: Final = 4_000
ENROLLED: Final = "enrolled"
RENEWED: Final = "renewed"
SAMPLED: Final = 50
# Somebody else may write the same person at the same moment, but hardly three times in a row.
TRIES: Final = 3

Outcome = Import.Outcome
Status = Import.Status
logger = logging.getLogger(__name__)


def proceed(started: Import, *, seconds: float) -> bool:
    """Work on a pass for about so long; whether more is left to do. Never raises for what the file holds."""
    if not lease.take(started):
        return False
    try:
        with hurrying():
            if started.status == Status.UNDOING:
                return undoing.proceed(started, seconds=seconds)
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


class NotExpected(Exception):
    """Somebody is not new after all, or gets no mail."""


class Pass:
    def __init__(self, started: Import) -> None:
        self._import = started
        self._writes = started.status == Status.RUNNING
        self._domains = Domains() if started.checks_domains else None
        self._expects_new = False
        """Whoever follows people who were all new is probably new too: to write them tells, and nobody has to ask."""

    def run(self, *, seconds: float) -> bool:
        if self._writes:
            settling.create_attributes(self._import)
        self._matcher = settling.matcher(self._import)
        heading = self._import.dialect.get("heading", 0)
        with reading(source_of(self._import)) as opened:
            rows: Iterator[Row] = chain.from_iterable(opened.batches())
            rows = dropwhile(lambda row: row.number <= heading, rows)
            if not self._writes and not self._import.cursor:
                self._renew(total_rows=opened.estimate)
            first = list(islice(rows, settling.LOOKED_AT))
            sieve = settling.sieve(self._import, first)
            rows = chain(first, rows)
            self._find_place(sieve, rows)
            # The clock starts here: a pass that only ever found its place again would never end.
            end = monotonic() + seconds
            with closing(sifted(sieve, rows, CHUNK)) as chunks:
                for chunk in chunks:
                    self._commit(chunk)
                    if monotonic() > end:
                        here = Import.objects.filter(pk=self._import.pk, cursor=self._import.cursor)
                        here.update(leased_until=None)
                        return True
        self._finish()
        return False

    def _find_place(self, sieve: Sieve, rows: Iterator[Row]) -> None:
        """Meet those again who are done already, to recognise repeated ones."""
        done = islice(rows, self._import.cursor)
        while again := list(islice(done, CHUNK)):
            sieve.sift(again)
            self._renew()

    def _commit(self, chunk: Sifted) -> None:
        if self._domains:
            self._domains.withhold(chunk)
        settling.name_tags(self._matcher, chunk.candidates, creates=self._writes)
        for attempt in range(TRIES):
            try:
                with transaction.atomic():
                    changes = self._write(chunk)
                self._remember(changes)
                return
            except (IntegrityError, NotExpected):
                # Somebody signed up at this very moment, and is now among those we know; or not all are new.
                if attempt + 1 == TRIES:
                    raise
                self._expects_new = False

    def _write(self, chunk: Sifted) -> dict[str, Any]:
        """What then is true of the import. Raises Overtaken."""
        look_up()
        divided = self._matcher.divide(chunk.block, all_new=self._expects_new)
        matches = self._matched([*chunk.candidates, *divided.others])
        counts = Counter(self._import.counts) + chunk.outcomes()
        counts.update(match.outcome.value for match in matches)
        counts.update({Outcome.NEW.value: len(divided.fresh), Outcome.UNCHANGED.value: divided.unchanged})
        cursor = self._import.cursor + chunk.rows
        if self._writes:
            writer = Writer(self._import, timezone.now())
            writer.write(divided.fresh, self._matcher.lists, self._matcher.tags)
            if self._expects_new and are_stopped(writer.entries.get("new", [])):
                raise NotExpected
            writer.write_matches(matches)
            counts[ENROLLED] += writer.enrolled
            counts[RENEWED] += writer.renewed
            if writer.entries:
                ImportJournal.objects.create(found_in=self._import, cursor=cursor, entries=writer.entries)
        else:
            counts[ENROLLED] += len(divided.fresh) * len(self._matcher.lists)
            counts[ENROLLED] += sum(len(match.joins) + len(match.confirms) for match in matches if match.is_written)
            counts[RENEWED] += sum(len(match.renews) for match in matches if match.is_written)
        ImportIssue.objects.bulk_create(self._issues(chunk, matches))
        changes = {"cursor": cursor, "counts": dict(+counts), **self._shown(matches)}
        self._keep(**changes)
        self._expects_new = self._writes and 0 < len(divided.fresh) == len(chunk.block)
        return changes

    def _matched(self, candidates: Sequence[Candidate]) -> list[Match]:
        matches = self._matcher.match(candidates)
        changing = [match.known.key for match in matches if match.is_written and match.known]
        if not self._writes or not changing:
            return matches
        # Most people stay as they are, and are not kept from anybody. The others are looked at again.
        lock(changing)
        again = self._matcher.match([match.candidate for match in matches if match.is_written and match.known])
        looked_at = {match.candidate.email: match for match in again}
        return [looked_at.get(match.candidate.email, match) for match in matches]

    def _issues(self, chunk: Sifted, matches: Sequence[Match]) -> list[ImportIssue]:
        issues = [issue(self._import, row, [flaw], is_rejected=True) for row, flaw in chunk.rejected]
        for match in matches:
            if match.flaws:
                is_rejected = match.outcome in (Outcome.LEFT, Outcome.SUPPRESSED)
                issues.append(issue(self._import, match.candidate.row, match.flaws, is_rejected=is_rejected))
        return issues

    def _shown(self, matches: Sequence[Match]) -> dict[str, Any]:
        """What the dry run shows of the first people who would change."""
        if self._writes:
            return {}
        changing = (match for match in matches if match.details or match.attributes)
        shown = [
            [match.candidate.row.number, match.candidate.email, match.fields()]
            for match in islice(changing, SAMPLED - len(self._import.sample))
        ]
        return {"sample": [*self._import.sample, *shown]}

    def _renew(self, **changes: Any) -> None:
        self._keep(**changes)
        self._remember(changes)

    def _keep(self, **changes: Any) -> None:
        """Keep the lease, and change the row if its cursor is where this worker left it. Raises Overtaken."""
        here = Q(pk=self._import.pk, status=self._import.status, cursor=self._import.cursor)
        if not Import.objects.filter(here).update(leased_until=timezone.now() + LEASE, **changes):
            raise Overtaken

    def _remember(self, changes: Mapping[str, Any]) -> None:
        for name, value in changes.items():
            setattr(self._import, name, value)

    def _finish(self) -> None:
        ended: dict[str, Any] = {"leased_until": None, "finished_at": timezone.now()}
        if self._writes:
            if self._import.move_to(Status.DONE, only_from=Status.RUNNING, **ended):
                self._import.forget_file()
        else:
            self._import.move_to(Status.CHECKED, total_rows=self._import.cursor, **ended)
