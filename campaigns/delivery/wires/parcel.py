"""What goes over a wire, what comes back, and what a wire is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from django.core.mail import EmailMessage

from campaigns.delivery.replies import Outcome


class Sealed(NamedTuple):
    """A message as bytes: each line ends with CRLF, none is stuffed."""

    content: bytes


class Parcel(NamedTuple):
    """One mail for one recipient, ready to go."""

    # Its delivery.
    number: int
    # Of the envelope, without a name; an empty sender is that of a bounce.
    sender: str
    recipient: str
    message: EmailMessage | Sealed


class Tried(NamedTuple):
    """What became of one try."""

    number: int
    outcome: Outcome
    tried_at: datetime


class Wire(Protocol):
    """One connection, opened at the first window and whenever it was lost. Never raises for what the server, the
    network or one mail does."""

    # Nothing of the last window is on its way.
    is_idle: bool

    def begin(self, window: Sequence[Parcel], until: float) -> None:
        """Returns at once. A mail that was not begun before `until` of the monotonic clock is not begun at all."""

    def outcomes(self) -> list[Tried]:
        """Since last asked. What has none when the wire is idle was not begun."""

    def close(self) -> None:
        """Politely if possible; never hangs. Then what is in doubt has its outcome."""
