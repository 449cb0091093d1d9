"""Gives everybody on the list a delivery."""

from __future__ import annotations

from bench import scenery
from bench.memory import peak_mb
from bench.stopwatch import timed
from campaigns.delivery import plan


def ours(people: int) -> dict[str, float]:
    campaign = scenery.started_campaign()

    def plan_all() -> None:
        while not plan.plan_range(campaign):
            pass

    figures = timed(plan_all)
    campaign.refresh_from_db()
    if campaign.planned != people:
        raise RuntimeError(f"{campaign.planned} people were planned, not {people}.")
    return {"messages": people, "peak_mb": peak_mb(), **figures}
