"""The connections of a lane, and what is on each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from django.core.mail import EmailMessage

from campaigns.delivery.desk import Mail
from campaigns.delivery.feed import Feed
from campaigns.delivery.limits import Admitted, Keys
from campaigns.delivery.wires.parcel import Parcel, Wire
from campaigns.models import Slot

Window: TypeAlias = dict[int, tuple[Mail, Feed]]


@dataclass(eq=False)
class Line:
    """A slot, its connection, and the mails that are on it."""

    slot: Slot
    wire: Wire
    window: Window = field(default_factory=dict)
    # By mail, the limits that count it until the next window is written; and which of them never left.
    keys: dict[int, Keys] = field(default_factory=dict)
    unused: set[int] = field(default_factory=set)
    # Whether the slot tells of a window.
    is_taken: bool = False


def dealt(admitted: dict[Feed, Admitted], wires: int) -> list[tuple[Window, dict[int, Keys]]]:
    """As evenly as possible, so that a few mails do not wait for each other on one wire; with what counts them."""
    keys = {number: its for each in admitted.values() for number, its in each.keys.items()}
    mails = [(mail.number, (mail, feed)) for feed, its in admitted.items() for mail in its.mails]
    # In turn, because the most urgent come first.
    windows = [dict(mails[at::wires]) for at in range(wires)]
    return [(window, {number: keys[number] for number in window.keys() & keys.keys()}) for window in windows]


def changed(
    lines: Sequence[Line], windows: Sequence[tuple[Window, dict[int, Keys]]]
) -> dict[int, tuple[list[int], Counter[str]]]:
    """By slot, what its row is to tell now: the mails, and how many of them each limit counts."""
    for line, (window, _keys) in zip(lines, windows, strict=True):
        # Already now: perhaps nobody hears that the commit succeeded.
        line.is_taken |= bool(window)
    return {
        line.slot.pk: ([*window], Counter(chain(*keys.values())))
        for line, (window, keys) in zip(lines, windows, strict=True)
        if line.is_taken
    }


def parcel(message: EmailMessage, number: int) -> Parcel:
    return Parcel(number, message.from_email, message.to[0], message)
