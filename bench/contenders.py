"""Who is measured beside whom: round after round in turn, so that a slow minute of the machine is everybody's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.report import Figures, Medians
from subscribers.terminal import progress


@dataclass(frozen=True)
class Contender:
    label: str
    run: Callable[[], Figures]


def medians(part: str, contenders: Mapping[str, Contender], rounds: int) -> dict[str, Medians]:
    found: dict[str, list[Figures]] = {name: [] for name in contenders}
    with progress(part) as shown:
        for number in range(rounds):
            for name, contender in contenders.items():
                shown.show(sum(map(len, found.values())), rounds * len(contenders), contender.label)
                found[name].append(contender.run())
            shown.show((number + 1) * len(contenders), rounds * len(contenders))
    return {name: Medians.of(figures) for name, figures in found.items()}
