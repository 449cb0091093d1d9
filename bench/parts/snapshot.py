"""Planning: an audience becomes rows."""

from __future__ import annotations

from bench.contenders import Contender, medians
from bench.parts.plan import Plan
from bench.report import Report
from bench.rig import Rig


def snapshot(rig: Rig, plan: Plan, report: Report) -> None:
    def contender(people: int) -> Contender:
        database = rig.crowd(people)
        return Contender(f"{people:,} readers", lambda: rig.run(database, "bench.snapshot.ours", people))

    contenders = {str(people): contender(people) for people in plan.crowds}
    found = medians("snapshot", contenders, plan.rounds)
    for people, one in zip(plan.crowds, found.values(), strict=True):
        report.row(f"snapshot: {people:,} readers", f"{one.per_second:,.0f} rows/s", one.cpu_us)
        report.ratio(f"snapshot_rows_per_s_{people // 1000}k", one.per_second)
        report.ratio("snapshot_rows_per_s", one.per_second)
    by_size = list(found.values())
    least, most = by_size[0], by_size[-1]
    report.most("worker_mb", most.above_idle_mb)
    report.most("worker_growth_mb", most.above_idle_mb - least.above_idle_mb)
