"""smtp-source: how fast a program in C sends one constant message of the same size."""

from __future__ import annotations

import subprocess

from bench.report import Figures
from bench.stopwatch import timed

SIZE = 38_000


def send_constant(program: str, sink: str, sessions: int, messages: int) -> Figures:
    """Its cost is that of our ended children, which it alone is."""
    words = ["-s", str(sessions), "-m", str(messages), "-l", str(SIZE), "-f", "a@example.org", "-t", "b@example.org"]
    figures = timed(lambda: subprocess.run([program, *words, sink], check=True, capture_output=True))
    return {"messages": messages, **figures}
