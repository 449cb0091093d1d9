"""Where a lane says that it goes on, so that somebody notices if it does not."""

from __future__ import annotations

import time

from campaigns.delivery.lockfree import Number

# A lane writes something every two seconds; nothing that it waits for takes so long.
STUCK_SECONDS = 120.0

_pulse = Number()


def share(pulse: Number) -> None:
    """Where the lanes of this process are to write to."""
    global _pulse
    _pulse = pulse


def beat() -> None:
    """Whenever a lane talks to the database, or tries to."""
    _pulse.value = time.monotonic()
