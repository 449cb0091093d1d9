"""How far an import or an errand is, and when it will be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from subscribers.models import Import
from subscribers.models.errand import Errand


@dataclass(frozen=True)
class Progress:
    done: int
    total: int | None
    """Unknown during the dry run, which counts."""
    seconds: int
    per_second: float
    done_at: datetime | None

    @property
    def percent(self) -> int | None:
        return min(100, self.done * 100 // self.total) if self.total else None


def progress(started: Import) -> Progress:
    return _progress(
        started.cursor,
        started.total_rows,
        begun=started.started_at,
        ended=started.finished_at,
        goes_on=started.is_under_way,
    )


def errand_progress(errand: Errand) -> Progress:
    """By people: each has one outcome."""
    return _progress(
        sum(errand.counts.values()),
        errand.total,
        begun=errand.created_at,
        ended=errand.finished_at,
        goes_on=errand.is_under_way,
    )


def _progress(
    done: int, total: int | None, *, begun: datetime | None, ended: datetime | None, goes_on: bool
) -> Progress:
    elapsed = ((ended or timezone.now()) - begun).total_seconds() if begun else 0.0
    rate = done / elapsed if elapsed > 0 else 0.0
    done_at = None
    if rate and total and goes_on:
        done_at = timezone.now() + timedelta(seconds=max(0, total - done) / rate)
    return Progress(done, total, max(1, round(elapsed)), rate, done_at)


@dataclass(frozen=True)
class Line:
    """Rows with one outcome, or with one reason."""

    code: str
    label: str
    rows: int


def outcomes(started: Import) -> list[Line]:
    return [
        Line(outcome.value, str(outcome.label), started.counts.get(outcome.value, 0))
        for outcome in Import.Outcome
        if outcome.value in started.counts
    ]
