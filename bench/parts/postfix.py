"""Into a mail server that writes each mail to its disk before it says yes."""

from __future__ import annotations

from collections.abc import Callable

from bench.contenders import Contender, medians
from bench.far_ends.postfix import NoPostfix, Postfix, open_postfix
from bench.far_ends.sink import smtp_source
from bench.parts.plan import ALL_DAY, Plan
from bench.report import Figures, Report
from bench.rig import Rig
from bench.source import send_constant

CONNECTIONS = 10


def postfix(rig: Rig, plan: Plan, report: Report) -> None:
    program = smtp_source()
    try:
        with open_postfix(rig.folder) as server:
            if program is None:
                raise NoPostfix("smtp-source is missing")
            _measure(rig, plan, report, server, program)
    except NoPostfix as reason:
        report.note(f"skipped: postfix ({reason})")


def _measure(rig: Rig, plan: Plan, report: Report, server: Postfix, program: str) -> None:
    database, to = rig.database("postfix", plan.messages), server.address

    def contender(label: str, run: Callable[[], Figures]) -> Contender:
        def drained() -> Figures:
            server.drain()
            return run()

        return Contender(label, drained)

    contenders = {
        "baseline": contender(
            "the baseline, one connection",
            lambda: rig.run(database, "bench.send.plain", plan.messages, ALL_DAY, 1, to=to),
        ),
        "source": contender(
            f"smtp-source, {CONNECTIONS} at once", lambda: send_constant(program, to, CONNECTIONS, plan.messages)
        ),
        "ours": contender(
            f"ours, {CONNECTIONS} connections", lambda: rig.run(database, "bench.send.ours", CONNECTIONS, to=to)
        ),
    }
    found = medians("postfix", contenders, plan.rounds)
    for name, one in found.items():
        report.speed(f"postfix: {contenders[name].label}", one, found["baseline"])
    report.ratio("postfix_vs_smtp_source", found["ours"].per_second / found["source"].per_second)
