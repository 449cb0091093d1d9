"""A wire to an SMTP server; opens connections, and another when one is lost or worn out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from socket import socket
from threading import Thread

from django.utils import timezone

from campaigns.delivery.replies import Outcome

from .call import Call
from .chunked import ChunkedDialogue
from .dialogue import Dialogue
from .exchange import Exchange
from .line import GOODBYE_SECONDS, hear_goodbye, say_goodbye
from .mail import Offer
from .parcel import Parcel, Tried
from .pipelined import PipelinedDialogue
from .plain import PlainDialogue
from .session import CannotOpen, Door, Session, open_session


class SmtpWire:
    def __init__(self, door: Door, exchange: Exchange) -> None:
        self.is_idle = True
        self.has_news = False
        self._door = door
        self._exchange = exchange
        self._call: Call | None = None
        self._tried: list[Tried] = []
        self._until = 0.0
        self._is_careful = False
        # We were asked to end; since when tells how long the server may take to say good-bye.
        self._left_at: float | None = None
        self._leaving: socket | None = None

    def begin(self, window: Sequence[Parcel], until: float) -> None:
        self.is_idle, self._until = False, until
        if self._call and self._call.is_still_open() and not self._is_worn_out(self._call.dialogue):
            self._call.begin(window, until)
            self._told()
        else:
            self._open(window)

    def outcomes(self) -> list[Tried]:
        tried, self._tried, self.has_news = self._tried, [], False
        return tried

    def look_at_clock(self, now: float) -> None:
        if self._call:
            self._call.look_at_clock(now)

    def leave(self) -> None:
        """Say good-bye, and do not wait for the answer yet."""
        if self._left_at is not None:
            return
        self._left_at = time.monotonic()
        call, self._call = self._call, None
        if call is None:
            return
        is_polite = call.dialogue.is_idle and not call.dialogue.is_over
        call.dialogue.leave()
        self._collect(call.dialogue)
        line = call.release()
        if is_polite:
            say_goodbye(line)
            self._leaving = line
        else:
            line.close()

    def close(self) -> None:
        self.leave()
        self.is_idle = True
        line, self._leaving = self._leaving, None
        if line and self._left_at is not None:
            hear_goodbye(line, self._left_at + GOODBYE_SECONDS)

    def _is_worn_out(self, dialogue: Dialogue) -> bool:
        """Or was opened only to see at which command the server hangs up."""
        return dialogue.settled >= self._door.mails_per_connection or self._is_careful

    def _told(self) -> None:
        """Something happened on the call."""
        call = self._call
        if call is None:
            return
        self._collect(call.dialogue)
        if call.dialogue.is_over:
            self._call = None
            call.release().close()
            if call.dialogue.repeat:
                # One command at a time, if it was no old connection that ended so: then we learn which it was.
                self._open(call.dialogue.repeat, is_careful=not call.dialogue.settled)
                return
        if not self.is_idle and (self._call is None or call.dialogue.is_idle):
            self.is_idle = self.has_news = True

    def _collect(self, dialogue: Dialogue) -> None:
        if dialogue.tried:
            self._tried.extend(dialogue.tried)
            dialogue.tried.clear()
            self.has_news = True

    def _open(self, window: Sequence[Parcel], *, is_careful: bool = False) -> None:
        worn, self._call = self._call, None
        line = worn.release() if worn else None
        Thread(target=self._open_here, args=(line, window, is_careful), daemon=True).start()

    def _open_here(self, worn: socket | None, window: Sequence[Parcel], is_careful: bool) -> None:
        """In a thread, because it waits for the server. The old connection goes first: servers count."""
        if worn:
            say_goodbye(worn)
            hear_goodbye(worn, time.monotonic() + GOODBYE_SECONDS)
        try:
            session = open_session(self._door)
        except CannotOpen as error:
            self._exchange.post(partial(self._not_opened, window[0], error.outcome))
        else:
            self._exchange.post(partial(self._opened, session, window, is_careful))

    def _not_opened(self, parcel: Parcel, outcome: Outcome) -> None:
        if self._left_at is None:
            self._tried.append(Tried(parcel.number, outcome, timezone.now()))
        self.is_idle = self.has_news = True

    def _opened(self, session: Session, window: Sequence[Parcel], is_careful: bool) -> None:
        if self._left_at is not None:
            with closing(session.socket):
                return say_goodbye(session.socket)
        dialogue = PlainDialogue(session.offer) if is_careful else dialogue_for(session.offer)
        self._is_careful = is_careful
        self._call = Call(
            session.socket, dialogue, timeout=self._door.timeout, exchange=self._exchange, told=self._told
        )
        self._call.begin(window, self._until)
        self._told()
        return None


def dialogue_for(offer: Offer) -> Dialogue:
    if not offer.pipelining:
        return PlainDialogue(offer)
    return ChunkedDialogue(offer) if offer.chunking else PipelinedDialogue(offer)
