"""Reads a foreign file through a guarded child process, row by row."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, starmap
from pathlib import Path
from threading import Timer
from typing import Any, Final

from subscribers.transfer import pipe
from subscribers.transfer.ahead import Ahead
from subscribers.transfer.faults import MEGABYTE, Fault, FileRefused
from subscribers.transfer.pipe import Row

__all__ = ["Reading", "Row", "Source", "look", "reading"]

ROOT: Final = Path(__file__).resolve().parents[2]
MEMORY: Final = 512 * MEGABYTE
# A request waits for the first look; a whole pass works in the background.
LOOK_SECONDS: Final = 5
PASS_SECONDS: Final = 900
LOOKED_AT: Final = 60


@dataclass(frozen=True)
class Source:
    """A file, and how to read it: sheet, or encoding and delimiter; what is missing is detected."""

    path: Path
    name: str
    dialect: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    dialect: dict[str, Any]
    """How the file is being read, guesses filled in."""
    sheets: list[str]
    estimate: int | None
    """About how many rows there are, if the file tells."""
    _batches: Iterator[list[Row]]

    def batches(self) -> Iterator[list[Row]]:
        """All rows that are not blank, some thousands at a time. Raises FileRefused."""
        return self._batches

    @cached_property
    def rows(self) -> Iterator[Row]:
        """The same rows one by one."""
        return chain.from_iterable(self._batches)


def look(source: Source) -> tuple[Reading, list[Row]]:
    """The first rows and how they were read. Raises FileRefused."""
    with reading(source, rows=LOOKED_AT, seconds=LOOK_SECONDS) as opened:
        return opened, list(opened.rows)


@contextmanager
def reading(source: Source, *, rows: int = 0, seconds: int = PASS_SECONDS) -> Iterator[Reading]:
    """Stream the rows (0: all of them) that are not blank. Raises FileRefused, also while streaming."""
    request = {
        "path": str(source.path.resolve()),
        "name": source.name,
        "dialect": source.dialect,
        "rows": rows,
        "memory": MEMORY,
        "seconds": seconds,
    }
    child = subprocess.Popen(
        [sys.executable, "-E", "-s", "-m", "subscribers.transfer.child", json.dumps(request)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert child.stdout
    # The limit on the processor's time does not stop a child that waits for a disk that is gone.
    alarm = Timer(seconds * 2, child.kill)
    alarm.daemon = True
    alarm.start()
    ahead = Ahead(pipe.receive(child.stdout))
    try:
        answers = _answers(child, ahead)
        start = next(answers)
        yield Reading(start["dialect"], start["sheets"], start["estimate"], starmap(pipe.rows, answers))
    except pipe.Garbled as error:
        raise FileRefused(Fault.CRASHED) from error
    finally:
        alarm.cancel()
        child.kill()
        ahead.close()
        child.stdout.close()
        child.wait()


def _answers(child: subprocess.Popen[bytes], said: Iterable[Any]) -> Iterator[Any]:
    for answer in said:
        if isinstance(answer, tuple):
            yield answer
        elif "fault" in answer:
            raise FileRefused(Fault(answer["fault"]), **answer["facts"])
        elif "end" in answer:
            return
        else:
            yield answer
    # It ended without a last word: the kernel stopped it, for its memory or its time.
    code = child.wait()
    raise FileRefused(Fault.TOO_MUCH_WORK if code < 0 else Fault.CRASHED)
