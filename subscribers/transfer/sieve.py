"""What a file says about people, before anybody is looked up: who is named, and which rows name nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from django.utils.translation import gettext as _

from subscribers import addresses
from subscribers.models import Import, ImportIssue
from subscribers.transfer import spelling
from subscribers.transfer.blocks import EMPTY, Block, Columns
from subscribers.transfer.candidates import Candidate, Flaw, Judge, Reason, Unusable
from subscribers.transfer.reading import Row
from subscribers.transfer.remarks import remarks
from subscribers.transfer.repetitions import repetitions
from subscribers.transfer.spelled import spelled

LONGEST_KEPT_CELL: Final = 500

Outcome = Import.Outcome


@dataclass(slots=True)
class Sifted:
    """Some rows of the file, next to each other."""

    rows: int
    block: Block = EMPTY
    """Most of them."""
    candidates: list[Candidate] = field(default_factory=list)
    """Those that had to be looked at one by one."""
    rejected: list[tuple[Row, Flaw]] = field(default_factory=list)

    def reject(self, row: Row, flaw: Flaw) -> None:
        self.rejected.append((row, flaw))

    def outcomes(self) -> Counter[str]:
        """Of the rejected rows."""
        return Counter(
            (Outcome.DUPLICATE if flaw.reason == Reason.DUPLICATE else Outcome.INVALID).value
            for _row, flaw in self.rejected
        )


class Sieve:
    """Give it all rows of the file in their order: it knows whom it has met."""

    def __init__(self, judge: Judge, columns: Columns | None = None) -> None:
        self._judge = judge
        self._columns = columns if columns and columns.are_simple else None
        self._first_named = repetitions()
        self._fingerprint = addresses.fingerprints()

    def sift(self, rows: list[Row]) -> Sifted:
        sifted = Sifted(len(rows))
        if not self._columns or not rows:
            for row in rows:
                self._look_at(row, sifted)
            return sifted
        block, odd = self._columns.read(rows)
        emails, first_named, taken = block.emails, self._first_named, []
        # In the order of the file, whichever way they take: the first of two that repeat each other counts.
        for at, (row, email) in enumerate(zip(rows, emails, strict=True)):
            if at in odd:
                self._look_at(row, sifted)
            elif first := first_named(email, row.number):
                sifted.reject(row, _repeated(first))
            else:
                taken.append(at)
        # By their addresses: two imports of the same people wait for each other instead of deadlocking, and the
        # index is filled from one end to the other.
        sifted.block = spelled(block.take(sorted(taken, key=emails.__getitem__)))
        return sifted

    def _look_at(self, row: Row, sifted: Sifted) -> None:
        try:
            sifted.candidates.append(self._accept(row))
        except Unusable as unusable:
            sifted.reject(row, unusable.flaw)

    def _accept(self, row: Row) -> Candidate:
        """Raises Unusable. A row that is refused does not make the next one a repetition."""
        try:
            email = self._judge.address(row)
        except Unusable as unusable:
            meant = spelling.meant(self._judge.written_address(row))
            raise Unusable(unusable.flaw.reason, unusable.flaw.message, meant) from unusable
        candidate = self._judge.candidate(row, email)
        local, _at, candidate.domain = email.partition("@")
        candidate.fingerprint = self._fingerprint(email)
        candidate.flaws += remarks(local, candidate.domain)
        if first := self._first_named(email, row.number):
            flaw = _repeated(first)
            raise Unusable(flaw.reason, flaw.message)
        return candidate


def _repeated(first: int) -> Flaw:
    return Flaw(Reason.DUPLICATE, _("Row %(row)s has this address already.") % {"row": first})


def sifted(sieve: Sieve, rows: Iterator[Row], chunk: int) -> Generator[Sifted]:
    """Chunk after chunk, the next one being made while the present one is worked on."""
    with ThreadPoolExecutor(1) as aside:
        # The language of the messages goes along.
        context = copy_context()
        coming = aside.submit(context.run, _next, sieve, rows, chunk)
        while (present := coming.result()).rows:
            coming = aside.submit(context.run, _next, sieve, rows, chunk)
            yield present


def _next(sieve: Sieve, rows: Iterator[Row], chunk: int) -> Sifted:
    return sieve.sift(list(islice(rows, chunk)))


def issue(started: Import, row: Row, flaws: Sequence[Flaw], *, is_rejected: bool) -> ImportIssue:
    return ImportIssue(
        found_in=started,
        row=row.number,
        reason=flaws[0].reason,
        message=" ".join(flaw.message for flaw in flaws),
        suggestion=next((flaw.suggestion for flaw in flaws if flaw.suggestion), ""),
        values=[cell[:LONGEST_KEPT_CELL] for cell in row.cells],
        is_rejected=is_rejected,
    )
