"""Gives everybody on the list a delivery."""

from __future__ import annotations

from bench import scenery
from bench.memory import peak_mb
from bench.stopwatch import timed


def ours(people: int) -> dict[str, float]:
    campaign = scenery.started_campaign()
    figures = timed(lambda: scenery.plan_all(campaign))
    campaign.refresh_from_db()
    if campaign.planned != people:
        raise RuntimeError(f"{campaign.planned} people were planned, not {people}.")
    return {"messages": people, "peak_mb": peak_mb(), **figures}
