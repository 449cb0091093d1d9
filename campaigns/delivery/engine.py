"""Runs a lane on free slots, and says whether one is needed."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from django.conf import settings
from django.db import connection

from campaigns import pace
from campaigns.delivery import batches, slots, sweep
from campaigns.delivery.insist import insist
from campaigns.delivery.lane import REST_SECONDS, Lane
from campaigns.delivery.lines import Line
from campaigns.delivery.owners import new_owner
from campaigns.delivery.supply import Supply
from campaigns.delivery.wakeup import Ear
from campaigns.delivery.wires.switchboard import Switchboard
from campaigns.models import Transport, clock
from subscribers.hurry import hurrying


def run(transport: Transport, *, lingers: bool = False) -> bool:
    """One lane of about LANE_SECONDS, or until there is nothing to do unless it lingers; False if no slot is free."""
    mailer = settings.MAILERS.get(transport.alias)
    if mailer is None:
        transport.rest(transport.lacks_mailer(), REST_SECONDS)
        return False
    owner = new_owner()
    taken = slots.take(transport, owner, settings.LANE_CONNECTIONS)
    if not taken:
        return False
    try:
        with hurrying(), closing(Switchboard(mailer, len(taken))) as switchboard:
            lines = [Line(slot, wire) for slot, wire in zip(taken, switchboard.wires, strict=True)]
            Lane(transport, owner, switchboard, lines, Supply(owner, Ear(switchboard)), lingers).run()
    except Exception:
        # The process lives, so nobody else would notice before the lease ends.
        insist(lambda: sweep.settle(owner))
        raise
    if not any(line.window for line in lines):
        insist(lambda: slots.leave(owner))
    return True


def needed_lanes() -> list[Transport]:
    """The transports on which a lane called now would find a mail that it may send."""
    now = clock.now()
    waiting = batches.with_due_mail(pace.closed_domains())
    if batches.post_waits() or any(pace.token_at(campaign, now) <= now for campaign in waiting):
        return [transport for transport in pace.open_ways() if pace.token_at(transport, now) <= now]
    return []


def standby() -> Transport | None:
    """Where a lane should wait for mail of the application: the best way, if no lane is there and it can hear."""
    workers: Any = settings.Q_CLUSTER["workers"]
    # A single worker has other things to do.
    if connection.vendor != "postgresql" or workers < 2:
        return None
    best = next(iter(pace.open_ways()), None)
    return best if best and not slots.is_manned(best) else None
