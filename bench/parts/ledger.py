"""What one mail costs out of a small campaign and out of a large one."""

from __future__ import annotations

from bench.contenders import Contender, medians
from bench.parts.plan import MILLION, Plan
from bench.report import Figures, Medians, Report
from bench.rig import Rig

CONNECTIONS = 4
SECONDS = 2


def ledger(rig: Rig, plan: Plan, report: Report) -> None:
    def contender(people: int) -> Contender:
        database = rig.crowd(people)

        def sample() -> Figures:
            rig.run(database, "bench.ledger.prepare", people)
            figures: Figures = rig.run(database, "bench.ledger.sample", CONNECTIONS, lane_seconds=SECONDS)
            return figures

        return Contender(f"of {people:,}", sample)

    contenders = {str(people): contender(people) for people in plan.crowds}
    found = medians("ledger", contenders, plan.rounds)
    for people, one in zip(plan.crowds, found.values(), strict=True):
        report.row(
            f"ledger: a mail of {people:,}, us and PostgreSQL",
            f"{one.cpu_us:,.0f} + {one.database_us:,.0f} µs",
            one.cpu_us,
            cost(one) / cost(found[str(plan.crowds[0])]),
        )
        report.row(f"memory: our worker, {people:,} planned", f"{one.above_idle_mb:,.1f} MB")
    by_size = list(found.values())
    least, most = by_size[0], by_size[-1]
    if MILLION in plan.crowds:
        report.ratio("growth_1m_vs_10k", cost(most) / cost(least))
    report.most("worker_mb", most.above_idle_mb)
    report.most("worker_growth_mb", most.above_idle_mb - least.above_idle_mb)


def cost(one: Medians) -> float:
    return one.cpu_us + one.database_us
