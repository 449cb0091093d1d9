"""What processes share without a lock, because a lock stays taken for ever if its holder is killed."""

from __future__ import annotations

import mmap
import time

LOOK_SECONDS = 0.05


class Number:
    """A float that whoever is forked from here sees change; aligned, so it is never read half written."""

    def __init__(self, value: float = 0.0) -> None:
        self._memory = memoryview(mmap.mmap(-1, 8)).cast("d")
        self._memory[0] = value

    @property
    def value(self) -> float:
        return self._memory[0]

    @value.setter
    def value(self, value: float) -> None:
        self._memory[0] = value


class Flag:
    """Down until somebody sets it; speaks like an Event."""

    def __init__(self) -> None:
        self._number = Number()

    def set(self) -> None:
        self._number.value = 1.0

    def is_set(self) -> bool:
        return bool(self._number.value)

    def wait(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not self.is_set() and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_SECONDS))
        return self.is_set()
