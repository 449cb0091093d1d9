"""What commands show while they work: a bar in a terminal, a line now and then in a log."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

LABEL_WIDTH = 8
BAR_WIDTH = 30
SECONDS_BETWEEN_LINES = 5


class Progress:
    def __init__(self, label: str) -> None:
        self.label = label.ljust(LABEL_WIDTH)
        self.is_live = sys.stdout.isatty()
        self._said = ""
        self._said_at = time.monotonic()

    def show(self, done: int, total: int, words: str = "") -> None:
        if self.is_live:
            self._draw(f"  {self.label} {bar(done, total)} {done}/{total}  {words}")
            return
        count = f"  {self.label} {done}/{total}"
        is_time = done == total or time.monotonic() - self._said_at > SECONDS_BETWEEN_LINES
        if is_time and count != self._said:
            self._said, self._said_at = count, time.monotonic()
            say(f"{count}  {words}".rstrip())

    def end(self) -> None:
        if self.is_live:
            print()

    def _draw(self, line: str) -> None:
        columns = shutil.get_terminal_size().columns - 1
        print("\r" + line[:columns].ljust(columns), end="", flush=True)


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    shown = Progress(label)
    try:
        yield shown
    finally:
        shown.end()


def bar(done: int, total: int) -> str:
    share = done / total if total else 0
    full = int(share * BAR_WIDTH)
    return f"{int(share * 100):3}% {'█' * full}{'░' * (BAR_WIDTH - full)}"


def say(text: str = "") -> None:
    print(text, flush=True)


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Words to the left, numbers to the right."""
    lines = [headings, *[[str(cell) for cell in row] for row in rows]]
    widths = [max(len(line[at]) for line in lines) for at in range(len(headings))]
    for first, *others in lines:
        numbers = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        say("  ".join(["  " + first.ljust(widths[0]), *numbers]).rstrip())
