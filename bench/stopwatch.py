"""How long a piece of work took, and what it cost this process and its children."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

MICRO = 1_000_000


def timed(work: Callable[[], object]) -> dict[str, float]:
    started, used = time.perf_counter(), cpu_seconds()
    work()
    return {"seconds": time.perf_counter() - started, "cpu": cpu_seconds() - used}


def cpu_seconds() -> float:
    """Of children only those that have ended."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
