"""All wires of one lane, in one thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.delivery.replies import Kind, Outcome

from .exchange import Exchange
from .foreign import BackendWire
from .parcel import Parcel, Tried, Wire
from .session import Door
from .smtp import SmtpWire

SMTP = frozenset({"django.core.mail.backends.smtp.EmailBackend", "campaigns.delivery.wires.EmailBackend"})
# How often time limits are looked at; they are as exact as this.
LOOK_SECONDS = 0.05

Result = TypeVar("Result")


class LiveWire(Wire, Protocol):
    """What a switchboard needs besides."""

    # Became idle, or has outcomes that nobody asked for yet.
    has_news: bool

    def look_at_clock(self, now: float) -> None: ...

    def leave(self) -> None: ...


class Switchboard:
    """`mailer`: a value of MAILERS, or None if there is none by that name. Nothing is opened before it is needed."""

    def __init__(self, mailer: Mapping[str, Any] | None, size: int) -> None:
        self._exchange = Exchange()
        try:
            self._live: list[LiveWire] = [wire_for(mailer, self._exchange) for _number in range(size)]
        except Exception:
            # Of a mailer that is not configured as it should be.
            self._exchange.close()
            raise
        self._look_at = 0.0
        self._was_called = False

    @property
    def wires(self) -> Sequence[Wire]:
        return self._live

    def wait(self, seconds: float) -> None:
        """Until a wire has become idle or has outcomes, another line has called, or the time is up."""
        end = time.monotonic() + seconds
        self._was_called = False
        while True:
            now = self._look_at_clock()
            has_news = self._was_called or any(wire.has_news for wire in self._live)
            self._exchange.turn(0 if has_news else max(0.0, min(end, self._look_at) - now))
            if has_news or now >= end:
                return

    def hear(self, number: int, call: Callable[[], None]) -> None:
        """Also end a wait when there is something to read from that file, which `call` then does."""

        def turn() -> None:
            self._was_called = True
            call()

        self._exchange.watch(number, turn)

    def forget(self, number: int) -> None:
        self._exchange.forget(number)

    def see_through(self, steps: Generator[int, int, Result], number: int) -> Result:
        """Steps that wait for that file, which is heard: the wires go on meanwhile."""
        try:
            events = next(steps)
            while True:
                self._look_at_clock()
                events = steps.send(self._exchange.turn_for(number, events, LOOK_SECONDS))
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def close(self) -> None:
        for wire in self._live:
            wire.leave()
        for wire in self._live:
            wire.close()
        self._exchange.close()

    def _look_at_clock(self) -> float:
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            for wire in self._live:
                wire.look_at_clock(now)
        return now


class NoWire:
    """The MAILERS setting lost the alias that a transport names."""

    def __init__(self) -> None:
        self.is_idle = True
        self.has_news = False
        self._tried: list[Tried] = []

    def begin(self, window: Sequence[Parcel], until: float) -> None:
        words = _("The MAILERS setting does not have this transport's mailer.")
        outcome = Outcome(Kind.UNAVAILABLE, answer=words)
        self._tried.append(Tried(window[0].number, outcome, timezone.now()))
        self.has_news = True

    def outcomes(self) -> list[Tried]:
        tried, self._tried, self.has_news = self._tried, [], False
        return tried

    def look_at_clock(self, now: float) -> None:
        """Nothing can be late."""

    def leave(self) -> None:
        """Nobody is there."""

    def close(self) -> None:
        """Nothing is open."""


def wire_for(mailer: Mapping[str, Any] | None, exchange: Exchange) -> LiveWire:
    if mailer is None:
        return NoWire()
    if mailer["BACKEND"] in SMTP:
        return SmtpWire(Door.of(mailer["OPTIONS"]), exchange)
    return BackendWire(mailer, exchange)
