"""From rows to bytes, ours beside Django's."""

from __future__ import annotations

from bench.contenders import Contender, medians
from bench.parts.plan import Plan
from bench.report import Report
from bench.rig import Rig

# A second or less of either.
RENDERED, MERGED = 300, 5000


def merge(rig: Rig, plan: Plan, report: Report) -> None:
    database = rig.database("merge", MERGED)
    found = medians(
        "merge",
        {
            "django": Contender("Django", lambda: rig.run(database, "bench.merge.plain", RENDERED)),
            "ours": Contender("ours", lambda: rig.run(database, "bench.merge.ours", MERGED)),
        },
        plan.rounds,
    )
    django, ours = found["django"], found["ours"]
    # Nothing is waited for, so the rest of the clock belongs to whatever else the machine does.
    report.row("merge: Django render and serialise", f"{django.cpu_us:,.1f} µs", django.cpu_us, 1)
    report.row("merge: ours", f"{ours.cpu_us:,.1f} µs", ours.cpu_us, django.cpu_us / ours.cpu_us)
    report.note(f"A mail has {django.size:,.0f} bytes from Django and {ours.size:,.0f} from us.")
    report.ratio("merge_vs_django", django.cpu_us / ours.cpu_us)
    report.ratio("merge_us", ours.cpu_us)
