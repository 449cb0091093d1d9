"""Where one lane spends its CPU, as seen some hundred times a second, and what it asks of PostgreSQL."""

from __future__ import annotations

import signal
from collections import Counter
from types import FrameType

from django.db import connection

from bench import scenery, send
from bench.ledger import database_seconds
from bench.stopwatch import timed

# As often as the kernel looks, which is less often.
TICK_SECONDS = 0.001
OURS = ("campaigns.", "subscribers.")
SERVER = "SELECT xact_commit, pg_current_wal_lsn() - '0/0' FROM pg_stat_database WHERE datname = current_database()"


class Samples:
    """Counts the ways to where the process is, outermost first."""

    def __init__(self) -> None:
        self.paths: Counter[tuple[str, ...]] = Counter()

    def __enter__(self) -> Samples:
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, TICK_SECONDS, TICK_SECONDS)
        return self

    def __exit__(self, *_error: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_IGN)

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


def sampled(connections: int) -> dict[str, object]:
    campaign = scenery.planned_campaign()
    before, used = server_counts(), database_seconds()
    with Samples() as samples:
        figures = timed(lambda: send.run_lane(connections))
    commits, octets = (now - then for now, then in zip(server_counts(), before, strict=True))
    database = database_seconds() - used
    paths = [(path, count) for path, count in samples.paths.items()]
    messages = send.sent_by(campaign)
    return {
        "messages": messages,
        "database_cpu": database,
        "commits": commits,
        "wal": octets,
        "paths": paths,
        **figures,
    }


def server_counts() -> tuple[int, int]:
    """Commits and octets of the write-ahead log so far."""
    with connection.cursor() as cursor:
        # What a backend counted it tells the others once a second at most, unless it is asked to.
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(SERVER)
        commits, octets = cursor.fetchone()
    return int(commits), int(octets)
