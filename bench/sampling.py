"""Where one lane spends its CPU, as seen some hundred times a second, and what it asks of PostgreSQL."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.db import connection

from bench import scenery, send
from bench.ledger import database_seconds
from bench.stopwatch import timed

# As often as the kernel looks, which is less often.
TICK_SECONDS = 0.001
OURS = ("campaigns.", "subscribers.")
SERVER = "SELECT xact_commit, pg_current_wal_lsn() - '0/0' FROM pg_stat_database WHERE datname = current_database()"


STATEMENTS = """
SELECT total_exec_time * 1000, total_plan_time * 1000, calls, query FROM pg_stat_statements
ORDER BY total_exec_time + total_plan_time DESC LIMIT 12
"""


class Samples:
    """Counts the ways to where the process is, outermost first, by the CPU's clock or the one on the wall."""

    def __init__(self, *, with_waiting: bool) -> None:
        self.paths: Counter[tuple[str, ...]] = Counter()
        self.clock, self.bell = signal.ITIMER_PROF, signal.SIGPROF
        if with_waiting:
            self.clock, self.bell = signal.ITIMER_REAL, signal.SIGALRM

    def __enter__(self) -> Samples:
        signal.signal(self.bell, self._look)
        signal.setitimer(self.clock, TICK_SECONDS, TICK_SECONDS)
        return self

    def __exit__(self, *_error: object) -> None:
        signal.setitimer(self.clock, 0)
        signal.signal(self.bell, signal.SIG_IGN)

    def _look(self, _number: int, frame: FrameType | None) -> None:
        """Our functions, and the module that the innermost of them called."""
        path: list[str] = []
        while frame:
            module = str(frame.f_globals.get("__name__", ""))
            if module.startswith(OURS):
                path.append(f"{module}.{frame.f_code.co_qualname}")
            elif not path:
                path.append(f"[{module}]")
            frame = frame.f_back
        self.paths[tuple(reversed(path))] += 1


def sending(connections: int, with_waiting: int) -> dict[str, object]:
    campaign = scenery.planned_campaign()
    observed = observe(lambda: send.run_lane(connections), bool(with_waiting))
    return {"messages": send.sent_by(campaign), **observed}


def planning(people: int, with_waiting: int) -> dict[str, object]:
    campaign = scenery.started_campaign()
    return {"messages": people, **observe(lambda: scenery.plan_all(campaign), bool(with_waiting))}


def observe(work: Callable[[], object], with_waiting: bool) -> dict[str, object]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION pg_stat_statements")
        cursor.execute("SELECT pg_stat_statements_reset()")
    before, used = rows(SERVER), database_seconds()
    with Samples(with_waiting=with_waiting) as samples:
        figures = timed(work)
    database = database_seconds() - used
    commits, octets = (now - then for now, then in zip(rows(SERVER)[0], before[0], strict=True))
    server = {"database_cpu": database, "commits": commits, "wal": int(octets), "statements": rows(STATEMENTS)}
    return {"paths": list(samples.paths.items()), **server, **figures}


def rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        # What a backend counted it tells the others once a second at most, unless it is asked to.
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(statement)
        return list(cursor.fetchall())
