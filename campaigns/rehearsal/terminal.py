"""What the demo shows while it works: a bar in a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tqdm import tqdm

LABEL_WIDTH = 10
SECONDS_BETWEEN_LINES = 5
_FORMAT = "  {desc} {percentage:3.0f}% {bar:30} {n_fmt}/{total_fmt}  {postfix}"


class Progress:
    def __init__(self, label: str, total: int) -> None:
        self.label = label.ljust(LABEL_WIDTH)
        self.is_live = sys.stdout.isatty()
        self._bar = tqdm(
            total=total,
            desc=self.label,
            bar_format=_FORMAT,
            file=sys.stdout,
            dynamic_ncols=True,
            disable=not self.is_live,
        )
        self._spoken_at = time.monotonic()
        self._is_full = False

    def show(self, done: int, total: int, words: str = "") -> None:
        if self.is_live:
            self._bar.total, self._bar.n = total, done
            self._bar.set_postfix_str(words, refresh=True)
        elif (done == total and not self._is_full) or time.monotonic() - self._spoken_at > SECONDS_BETWEEN_LINES:
            self._spoken_at, self._is_full = time.monotonic(), done == total
            say(f"  {self.label} {done}/{total}  {words}".rstrip())

    def end(self) -> None:
        self._bar.close()


@contextmanager
def progress(label: str, total: int) -> Iterator[Progress]:
    shown = Progress(label, total)
    try:
        yield shown
    finally:
        shown.end()


def say(text: str = "") -> None:
    print(text, flush=True)


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Words to the left, numbers to the right."""
    lines = [headings, *[[str(cell) for cell in row] for row in rows]]
    widths = [max(len(line[at]) for line in lines) for at in range(len(headings))]
    for first, *others in lines:
        numbers = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        say("  ".join(["  " + first.ljust(widths[0]), *numbers]).rstrip())
