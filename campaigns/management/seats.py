"""A worker's place in a crew: what it does, as its guard and the main process see it."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext

from campaigns.delivery.lockfree import Number
from campaigns.delivery.pulse import STUCK_SECONDS

IDLE = -1.0


class Seat:
    """Stands for the `timer` of a worker of django-q2: the seconds that its task may take; not positive without one."""

    def __init__(self) -> None:
        self._allowed, self._since, self.pulse = Number(IDLE), Number(), Number()

    @property
    def value(self) -> float:
        return self._allowed.value

    @value.setter
    def value(self, allowed: float) -> None:
        # Another task, or none: a lane, if it becomes one, has yet to move.
        self.pulse.value = 0.0
        self._since.value = time.monotonic()
        self._allowed.value = allowed

    def get_lock(self) -> AbstractContextManager[None]:
        """Only the worker writes here, so there is nothing to protect."""
        return nullcontext()

    def clear(self) -> None:
        self.value = IDLE

    @property
    def is_busy(self) -> bool:
        return self.value > 0

    @property
    def is_stuck(self) -> bool:
        """In a task for longer than any may take, or in a lane that does not move."""
        is_late = self.is_busy and time.monotonic() - self._since.value > self.value
        return is_late or self.still_seconds > STUCK_SECONDS

    @property
    def still_seconds(self) -> float:
        """Since its lane last moved; 0 if it runs none."""
        pulse = self.pulse.value
        return time.monotonic() - pulse if pulse and self.is_busy else 0.0
