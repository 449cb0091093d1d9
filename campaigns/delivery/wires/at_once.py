"""Sends some mails and waits for what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parseaddr

from campaigns.delivery.replies import Kind, Outcome

from .parcel import Parcel
from .switchboard import Switchboard

WINDOW = 16
NO_HURRY = float("inf")
WAIT_SECONDS = 1.0


def deliver(switchboard: Switchboard, parcels: Sequence[Parcel]) -> list[Outcome]:
    """One for each parcel, in order. When the server takes nothing at all, the rest has its answer too."""
    wire = switchboard.wires[0]
    outcomes: dict[int, Outcome] = {}
    waiting = list(enumerate(parcels))
    while waiting:
        window = [parcel._replace(number=place) for place, parcel in waiting[:WINDOW]]
        wire.begin(window, NO_HURRY)
        while not wire.is_idle:
            switchboard.wait(WAIT_SECONDS)
        tried = wire.outcomes()
        outcomes |= {one.number: one.outcome for one in tried}
        waiting = [(place, parcel) for place, parcel in waiting if place not in outcomes]
        last = tried[-1].outcome
        if last.kind == Kind.UNAVAILABLE or (last.kind == Kind.REJECTED and not last.names_recipient):
            outcomes |= {place: last for place, _parcel in waiting}
            break
    return [outcomes[place] for place in range(len(parcels))]


def bare(address: str) -> str:
    """Without a name, as an envelope wants it."""
    return parseaddr(address)[1]
