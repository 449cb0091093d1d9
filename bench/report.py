"""What was measured: a table for people, and a line for each figure that later work is compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from bench.stopwatch import MICRO
from subscribers.terminal import say, table

Figures = dict[str, float]


@dataclass(frozen=True)
class Medians:
    """Of some rounds of one contender; µs are those of one message or row."""

    per_second: float
    us: float
    cpu_us: float
    database_us: float
    above_idle_mb: float
    peak_mb: float
    size: float

    @classmethod
    def of(cls, rounds: list[Figures]) -> Medians:
        return cls(
            per_second=median(one["messages"] / one["seconds"] for one in rounds),
            us=median(one["seconds"] / one["messages"] for one in rounds) * MICRO,
            cpu_us=median(one["cpu"] / one["messages"] for one in rounds) * MICRO,
            database_us=median(one.get("database_cpu", 0) / one["messages"] for one in rounds) * MICRO,
            above_idle_mb=median(one.get("peak_mb", 0) - one.get("idle_mb", 0) for one in rounds),
            peak_mb=median(one.get("peak_mb", 0) for one in rounds),
            size=median(one.get("bytes", 0) for one in rounds),
        )


@dataclass
class Report:
    rows: list[tuple[str, str, str, str]] = field(default_factory=list)
    ratios: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def row(self, what: str, measured: str, cpu_us: float | None = None, ratio: float | None = None) -> None:
        cpu = "" if cpu_us is None else f"{cpu_us:,.0f}"
        self.rows.append((what, measured, cpu, "" if ratio is None else f"{ratio:.2f} ×"))

    def speed(self, what: str, one: Medians, beside: Medians) -> None:
        self.row(what, f"{one.per_second:,.0f} messages/s", one.cpu_us, one.per_second / beside.per_second)

    def ratio(self, name: str, value: float) -> None:
        self.ratios[name] = value

    def most(self, name: str, value: float) -> None:
        """A figure that several parts find, of which the largest counts."""
        self.ratios[name] = max(value, self.ratios.get(name, value))

    def note(self, words: str) -> None:
        self.notes.append(words)

    def print(self) -> None:
        say()
        table(("figure", "measured", "CPU µs each", "ratio"), self.rows)
        say()
        for words in self.notes:
            say(f"  {words}")
        for name, value in self.ratios.items():
            say(f"ratio: {name} {value:.4g}" if abs(value) < 1000 else f"ratio: {name} {value:.0f}")
