"""How fast a mail of the application leaves."""

from __future__ import annotations

from bench.parts.plan import Plan
from bench.report import Report
from bench.rig import Rig
from subscribers.terminal import say

# Of as many messages as the other parts send in a round.
SHARE = 20


def wakeup(rig: Rig, plan: Plan, report: Report) -> None:
    """By a cluster as it is started in production."""
    say("wakeup")
    database = rig.database("wakeup", 1)
    mails = max(20, plan.messages // SHARE)
    found = rig.run(database, "bench.wakeup.latencies", mails, lane_seconds=20, lane_connections=4)
    report.row("wake-up: from commit to the mail server", f"{found['p50']:,.0f} ms, 95 % {found['p95']:,.0f} ms")
    words = f"{found['cut_p50']:,.0f} ms, 95 % {found['cut_p95']:,.0f} ms"
    report.row("wake-up: after everybody was cut off", words)
    report.ratio("wakeup_p95_ms", found["p95"])
    report.ratio("wakeup_cut_p95_ms", found["cut_p95"])
