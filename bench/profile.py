"""`python -m bench.profile`: where the CPU of our sender goes, in µs per mail.

Of each function first what it and those below it cost, then itself alone; [brackets] are others' modules.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping

from bench.far_ends.sink import far_away, own_server
from bench.rig import rig
from bench.stopwatch import MICRO
from subscribers.terminal import say

LONGEST = 110
OBSERVED = (
    "shared_preload_libraries=pg_stat_statements",
    "pg_stat_statements.track_planning=on",
    "pg_stat_statements.track_utility=on",
)
Paths = Mapping[tuple[str, ...], int]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.profile", description=__doc__)
    parser.add_argument("--connections", type=int, default=4)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--hand-over", type=int, default=8)
    parser.add_argument("--plan", action="store_true", help="not sending, but what comes before it")
    parser.add_argument("--wall", action="store_true", help="where the time goes, waiting included, not the CPU")
    parser.add_argument("--least", type=float, default=1.0, help="µs that a line must have to be shown")
    parser.add_argument("--own", action="store_true", help="to the bench's own fast server instead of smtp-sink")
    parser.add_argument("--far", action="store_true", help="the same over a long wire, with CHUNKING")
    words = parser.parse_args()
    with rig(*OBSERVED) as running, own_server(running.folder) as fast:
        database = running.database("profile", words.messages)
        with far_away(running.folder, "chunking") as far:
            to = far if words.far else fast if words.own else running.sink
            work = ("planning", words.messages) if words.plan else ("sending", words.connections)
            found = running.run(
                database, f"bench.sampling.{work[0]}", work[1], int(words.wall), to=to, hand_over=words.hand_over
            )
    messages, samples = found["messages"], sum(count for _path, count in found["paths"])
    say(f"{messages / found['seconds']:,.0f} mails/s, {samples} samples; for each mail")
    say(f"{found['cpu'] / messages * MICRO:,.0f} µs of our CPU, {found['database_cpu'] / messages * MICRO:,.0f} µs of")
    say(f"PostgreSQL's, {found['commits'] / messages:.3f} commits, {found['wal'] / messages:,.0f} octets of its log.")
    say("  execute     plan    calls  statement")
    for execution, planning, calls, statement in found["statements"]:
        line = " ".join(statement.split())[:LONGEST]
        say(f"{execution / messages:9.1f}{planning / messages:9.1f}{calls / messages:9.3f}  {line}")
    say("with below    alone  function")
    show(
        {tuple(path): count for path, count in found["paths"]},
        found["seconds" if words.wall else "cpu"] / messages / samples * MICRO,
        words.least,
    )
    return 0


def show(paths: Paths, us: float, least: float, depth: int = 0) -> None:
    """`us`: what one sample stands for."""
    branches: dict[str, Counter[tuple[str, ...]]] = {}
    for (name, *others), count in ((path, count) for path, count in paths.items() if path):
        branches.setdefault(name, Counter())[tuple(others)] += count
    for name, below in sorted(branches.items(), key=lambda branch: -branch[1].total()):
        if below.total() * us >= least:
            say(f"{below.total() * us:9.1f}{below[()] * us:9.1f}  {'  ' * depth}{name}")
            show(below, us, least, depth + 1)


if __name__ == "__main__":
    sys.exit(main())
