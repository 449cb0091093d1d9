"""How far an import is, and when it will be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from subscribers.models import Import


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
    end = started.finished_at or timezone.now()
    elapsed = (end - started.started_at).total_seconds() if started.started_at else 0.0
    rate = started.cursor / elapsed if elapsed > 0 else 0.0
    done_at = None
    if rate and started.total_rows and started.is_under_way:
        done_at = timezone.now() + timedelta(seconds=(started.total_rows - started.cursor) / rate)
    return Progress(started.cursor, started.total_rows, max(1, round(elapsed)), rate, done_at)


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
