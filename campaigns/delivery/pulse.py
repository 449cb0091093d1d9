"""Where a lane says that it goes on, so that somebody notices if it does not."""

from __future__ import annotations

import time

from campaigns.delivery.lockfree import Number

# A lane beats several times a second; nothing that it waits for takes so long.
STUCK_SECONDS = 120.0

_pulse = Number()


def share(pulse: Number) -> None:
    """Where the lanes of this process are to write to."""
    global _pulse
    _pulse = pulse


def beat() -> None:
    """Also while waiting for the wire, a limit or the database."""
    _pulse.value = time.monotonic()


def rest() -> None:
    """There is no lane any more."""
    _pulse.value = 0.0
