"""The same over a long wire: what round trips of 20 ms do to those who wait for each answer."""

from __future__ import annotations

from bench.contenders import Contender, medians
from bench.far_ends.sink import ROUND_TRIP_MILLISECONDS, far_away
from bench.parts.plan import Plan
from bench.report import Report
from bench.rig import Rig

SECONDS = 6
READERS = 60_000
# Mails on one wire; the longest that is allowed, as one sets it for a server that is far away.
WINDOW = 16
# More than plain Django sends in that time.
ENOUGH = 2_000


def distance(rig: Rig, plan: Plan, report: Report) -> None:
    database = rig.database("rtt", READERS)
    with far_away(rig.folder) as far, far_away(rig.folder, "chunking") as far_chunking:

        def plain(connections: int, label: str) -> Contender:
            return Contender(label, lambda: rig.run(database, "bench.send.plain", ENOUGH, SECONDS, connections, to=far))

        def ours(connections: int, label: str, to: str = far) -> Contender:
            settings = {"lane_seconds": SECONDS, "hand_over": WINDOW}
            return Contender(label, lambda: rig.run(database, "bench.send.ours", connections, to=to, **settings))

        contenders = {
            "baseline": plain(1, "the baseline, one connection"),
            "smtplib": plain(16, "the baseline in 16 threads, a connection each"),
            "ours_1": ours(1, "ours, 1 connection, PIPELINING"),
            "ours_4": ours(4, "ours, 4 connections, PIPELINING"),
            "ours_16": ours(16, "ours, 16 connections, PIPELINING"),
            "bdat_16": ours(16, "ours, 16 connections, BDAT", far_chunking),
        }
        found = medians("rtt", contenders, plan.rounds)
    smtplib = found["smtplib"]
    for name, one in found.items():
        report.speed(f"{ROUND_TRIP_MILLISECONDS} ms: {contenders[name].label}", one, smtplib)
    report.ratio("rtt20_vs_smtplib", found["ours_16"].per_second / smtplib.per_second)
    report.ratio("rtt20_bdat_vs_smtplib", found["bdat_16"].per_second / smtplib.per_second)
