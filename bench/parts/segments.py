"""Segments: how long staff wait for a number."""

from __future__ import annotations

from statistics import median

from bench.parts.plan import Plan
from bench.report import Report
from bench.rig import Rig
from subscribers.terminal import say


def segments(rig: Rig, plan: Plan, report: Report) -> None:
    people = max(plan.crowds)
    say(f"  {people:,} readers with many facts are invited.")
    database = rig.database("segments", people)
    rig.run(database, "bench.segments.furnish")
    rounds = [rig.run(database, "bench.segments.count")["segments"] for _round in range(plan.rounds)]
    slowest = 0.0
    for name, (_seconds, found) in rounds[0].items():
        seconds = median(one[name][0] for one in rounds)
        slowest = max(slowest, seconds)
        report.row(f"segments: {name}, {found:,} of {people:,}", f"{seconds:.2f} s")
    report.ratio("segment_count_s", slowest)
