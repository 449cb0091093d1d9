"""Runs a lane on a free slot, and says whether one is needed."""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import closing

from django.utils import timezone

from campaigns import pace
from campaigns.delivery import claims, slots
from campaigns.delivery.insist import insist
from campaigns.delivery.lane import Lane
from campaigns.delivery.transports import connect
from campaigns.models import Transport


def run(transport: Transport) -> bool:
    """One lane of about LANE_SECONDS; False if all slots of the transport are taken."""
    owner = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
    slot = slots.take(transport, owner)
    if slot is None:
        return False
    try:
        with closing(connect(transport)) as way:
            Lane(transport, slot, owner, way).run()
    finally:
        insist(lambda: slots.leave(slot, owner))
    return True


def needed_lanes() -> list[Transport]:
    """The transports on which a lane called now would find a mail that it may send."""
    now = timezone.now()
    if not any(pace.token_at(campaign, now) <= now for campaign in claims.with_due_mail()):
        return []
    return [transport for transport in pace.open_ways() if pace.token_at(transport, now) <= now]
