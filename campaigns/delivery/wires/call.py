"""A dialogue over an open connection: reads and writes what is possible now, and never waits."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Sequence
from socket import socket

from django.utils.translation import gettext as _

from .answers import in_words
from .dialogue import Dialogue
from .exchange import BOTH, READ, Exchange
from .parcel import Parcel

BUFFER = 16384
# An encrypted connection does not say how much it has written of what it could not write all of, so it gets one
# record at a time: the other side can make nothing of a part.
RECORD = 16384
# What a socket says that cannot be read or written just now; an encrypted one may want the other first.
NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Call:
    """`timeout`: seconds for each reply. `told` is called after everything that happens."""

    def __init__(
        self, line: socket, dialogue: Dialogue, *, timeout: float, exchange: Exchange, told: Callable[[], None]
    ) -> None:
        self.line = line
        self.dialogue = dialogue
        self._timeout = timeout
        self._deadline = 0.0
        self._exchange = exchange
        self._told = told
        self._events = READ
        self._is_encrypted = isinstance(line, ssl.SSLSocket)
        # The record that is to be written once more, as it was.
        self._record = 0
        exchange.watch(line, self._turn)

    def begin(self, window: Sequence[Parcel], until: float) -> None:
        self._deadline = time.monotonic() + self._timeout
        self.dialogue.begin(window, until)
        self._write()

    def is_still_open(self) -> bool:
        """Servers close what is idle for too long; better to know before anything is said."""
        self._read()
        return not self.dialogue.is_over

    def look_at_clock(self, now: float) -> None:
        if now > self._deadline and not self.dialogue.is_idle:
            words = _("The server did not answer within %(seconds)g seconds.") % {"seconds": self._timeout}
            self.dialogue.lost(words, is_silence=True)
            self._told()

    def release(self) -> socket:
        """The connection is no longer ours to watch; somebody must close it."""
        self._exchange.forget(self.line)
        return self.line

    def _turn(self) -> None:
        self._read()
        self._write()
        self._told()

    def _read(self) -> None:
        try:
            while data := self.line.recv(BUFFER):
                self._deadline = time.monotonic() + self._timeout
                self.dialogue.receive(data)
                # More would ring again, except what an encrypted connection has read already.
                if self.dialogue.is_over or not self._has_read_more():
                    return
            self.dialogue.lost(_("The server hung up."))
        except NOT_NOW:
            pass
        except OSError as error:
            self.dialogue.lost(in_words(error))

    def _write(self) -> None:
        try:
            while not self.dialogue.is_over and (words := self.dialogue.unsaid()):
                self.dialogue.wrote(self._send(words))
                self._deadline = time.monotonic() + self._timeout
        except NOT_NOW:
            pass
        except OSError as error:
            # The server may have said why before it hung up.
            self._read()
            self.dialogue.lost(in_words(error))
        self._watch_for(BOTH if self.dialogue.unsaid() else READ)

    def _send(self, words: bytes | memoryview) -> int:
        if not self._is_encrypted:
            return self.line.send(words)
        record = memoryview(words)[: self._record or RECORD]
        self._record = len(record)
        written = self.line.send(record)
        self._record = 0
        return written

    def _has_read_more(self) -> bool:
        return isinstance(self.line, ssl.SSLSocket) and self.line.pending() > 0

    def _watch_for(self, events: int) -> None:
        if events != self._events:
            self._events = events
            self._exchange.watch_for(self.line, events, self._turn)
