"""From rows to bytes, ours beside Django's."""

from __future__ import annotations

from bench.contenders import Contender, medians
from bench.parts.plan import Plan
from bench.report import Report
from bench.rig import Rig

MERGES = 300


def merge(rig: Rig, plan: Plan, report: Report) -> None:
    database = rig.database("merge", MERGES)
    found = medians(
        "merge",
        {
            "django": Contender("Django", lambda: rig.run(database, "bench.merge.plain", MERGES)),
            "ours": Contender("ours", lambda: rig.run(database, "bench.merge.ours", MERGES)),
        },
        plan.rounds,
    )
    django, ours = found["django"], found["ours"]
    report.row("merge: Django render and serialise", f"{django.us:,.0f} µs", django.cpu_us, 1)
    report.row("merge: ours", f"{ours.us:,.0f} µs", ours.cpu_us, django.us / ours.us)
    report.note(f"A mail has {django.size:,.0f} bytes from Django and {ours.size:,.0f} from us.")
    report.ratio("merge_vs_django", django.us / ours.us)
    report.ratio("merge_us", ours.us)
