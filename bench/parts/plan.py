"""What a run was asked to measure."""

from __future__ import annotations

from dataclasses import dataclass

# Ours and smtp-source are so fast that a round of them would be over before it begins.
FACTOR = 5
MILLION = 1_000_000
# Seconds that no round takes.
ALL_DAY = 86_400


@dataclass(frozen=True)
class Plan:
    rounds: int
    # In each round of the slow ones.
    messages: int
    parts: frozenset[str]
    crowds: tuple[int, ...]

    @property
    def many(self) -> int:
        return self.messages * FACTOR
