"""What this process holds, in megabytes, as Linux counts it."""

from __future__ import annotations

from pathlib import Path

STATUS = Path("/proc/self/status")


def held_mb() -> float:
    return _line("VmRSS")


def peak_mb() -> float:
    return _line("VmHWM")


def _line(name: str) -> float:
    """0 where there is no such file."""
    if not STATUS.exists():
        return 0.0
    lines = (line.partition(":") for line in STATUS.read_text(encoding="ascii").splitlines())
    return next((int(words.split()[0]) / 1024 for found, _colon, words in lines if found == name), 0.0)
