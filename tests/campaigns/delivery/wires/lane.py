"""What a lane does with a switchboard, without the ledger."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

from django.core.mail import EmailMessage

from campaigns.delivery.replies import Outcome
from campaigns.delivery.wires.parcel import Parcel
from campaigns.delivery.wires.switchboard import Switchboard
from tests.campaigns.delivery.wires.rogue import Rogue

PATIENCE_SECONDS = 10
NO_HURRY = float("inf")


def mail_to(name: str, text: str = "Hello") -> EmailMessage:
    return EmailMessage("May", text, "news@example.org", [f"{name}@example.org"])


def parcels_for(*names: str, text: str = "Hello") -> list[Parcel]:
    return [
        Parcel(number, "news@example.org", f"{name}@example.org", mail_to(name, text))
        for number, name in enumerate(names)
    ]


def send_window(board: Switchboard, window: list[Parcel], until: float = NO_HURRY) -> dict[int, Outcome]:
    """By number; what was not begun has none."""
    wire, outcomes = board.wires[0], {}
    deadline = time.monotonic() + PATIENCE_SECONDS
    wire.begin(window, until)
    while not wire.is_idle and time.monotonic() < deadline:
        board.wait(0.5)
        outcomes |= {tried.number: tried.outcome for tried in wire.outcomes()}
    outcomes |= {tried.number: tried.outcome for tried in wire.outcomes()}
    assert wire.is_idle
    return outcomes


def send(board: Switchboard, window: list[Parcel]) -> list[Outcome]:
    """What was not begun is begun again, in the next window."""
    outcomes: dict[int, Outcome] = {}
    while waiting := [parcel for parcel in window if parcel.number not in outcomes]:
        told = send_window(board, waiting)
        assert told
        outcomes |= told
    return [outcomes[parcel.number] for parcel in window]


@contextmanager
def board_to(server: Rogue, size: int = 1, **options: object) -> Iterator[Switchboard]:
    """Closed politely, and everything is closed afterwards."""
    with closing(Switchboard(server.mailer(**options), size)) as board:
        yield board
    assert server.left_open() == 0
