"""Runs a lane on free slots, and says whether one is needed."""

from __future__ import annotations

from contextlib import closing

from django.conf import settings
from django.utils import timezone

from campaigns import pace
from campaigns.delivery import batches, pulse, slots
from campaigns.delivery.insist import insist
from campaigns.delivery.lane import Lane, Line
from campaigns.delivery.owners import new_owner
from campaigns.delivery.wires.switchboard import Switchboard
from campaigns.models import Transport


def run(transport: Transport) -> bool:
    """One lane of about LANE_SECONDS; False if all slots of the transport are taken."""
    owner = new_owner()
    taken = slots.take(transport, owner, settings.LANE_CONNECTIONS)
    if not taken:
        return False
    with closing(Switchboard(settings.MAILERS.get(transport.alias), len(taken))) as switchboard:
        lines = [Line(slot, wire) for slot, wire in zip(taken, switchboard.wires, strict=True)]
        lane = Lane(transport, owner, switchboard, lines)
        lane.run()
    if not any(line.window for line in lines):
        insist(lambda: slots.leave(owner))
    pulse.rest()
    return True


def needed_lanes() -> list[Transport]:
    """The transports on which a lane called now would find a mail that it may send."""
    now = timezone.now()
    if not any(pace.token_at(campaign, now) <= now for campaign in batches.with_due_mail()):
        return []
    return [transport for transport in pace.open_ways() if pace.token_at(transport, now) <= now]
