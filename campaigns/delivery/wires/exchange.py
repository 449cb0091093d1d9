"""Waits for many sockets at once, and for what threads have to tell."""

from __future__ import annotations

import contextlib
import selectors
import socket
from collections import deque
from collections.abc import Callable

READ = selectors.EVENT_READ
BOTH = selectors.EVENT_READ | selectors.EVENT_WRITE


class Exchange:
    def __init__(self) -> None:
        self.is_closed = False
        self._selector = selectors.DefaultSelector()
        self._calls: deque[Callable[[], None]] = deque()
        self._bell, self._rope = socket.socketpair()
        self._bell.setblocking(False)
        self._rope.setblocking(False)
        self._selector.register(self._bell, READ, self._answer)

    def watch(self, line: socket.socket | int, turn: Callable[[], None]) -> None:
        """Call `turn` whenever there is something to read."""
        self._selector.register(line, READ, turn)

    def watch_for(self, line: socket.socket, events: int, turn: Callable[[], None]) -> None:
        self._selector.modify(line, events, turn)

    def forget(self, line: socket.socket | int) -> None:
        self._selector.unregister(line)

    def post(self, call: Callable[[], None]) -> None:
        """From any thread: `call` is made in that of the exchange, or here if there is no exchange any more."""
        self._calls.append(call)
        # If the bell cannot take another byte, it rings already.
        with contextlib.suppress(OSError):
            self._rope.send(b"!")
        if self.is_closed:
            self._make_calls()

    def turn(self, seconds: float) -> None:
        for key, _events in self._selector.select(seconds):
            key.data()

    def turn_for(self, number: int, events: int, seconds: float) -> int:
        """Likewise, but do not call for that file, which is watched: say for which of these events it is ready."""
        if events != READ:
            self._selector.modify(number, events, self._selector.get_key(number).data)
        ready = 0
        for key, its in self._selector.select(seconds):
            if key.fd == number:
                ready = its
            else:
                key.data()
        if events != READ:
            self._selector.modify(number, READ, self._selector.get_key(number).data)
        return ready

    def close(self) -> None:
        self.is_closed = True
        self._make_calls()
        self._selector.close()
        self._bell.close()
        self._rope.close()

    def _answer(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._bell.recv(4096)
        self._make_calls()

    def _make_calls(self) -> None:
        with contextlib.suppress(IndexError):
            while True:
                self._calls.popleft()()
