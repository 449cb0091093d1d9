"""A long wire to a local server: whatever comes goes on some milliseconds later, in both directions.

python -m bench.far_ends.proxy PORT TARGET_PORT MILLISECONDS_EACH_WAY

It shares the machine with those who are measured, so it copies nothing: pages of the kernel go from socket to socket.
"""

from __future__ import annotations

import os
import selectors
import socket
import sys
import time
from collections import deque
from contextlib import suppress
from fcntl import F_SETPIPE_SZ, fcntl
from typing import NoReturn

HOST = "127.0.0.1"
# Under way in one direction of one connection: more than anybody says in that time.
ROOM = 1_048_576
# A way that could not take or bring everything is looked at again so soon.
AGAIN_SECONDS = 0.001


class Way:
    """One direction of a connection: what came waits in a pipe."""

    back: Way

    def __init__(self, source: socket.socket, target: socket.socket) -> None:
        self.source, self.target = source, target
        self.outlet, self.inlet = os.pipe2(os.O_NONBLOCK)
        fcntl(self.inlet, F_SETPIPE_SZ, ROOM)
        # Octets whose time has come.
        self.due = 0
        self.is_ending = self.is_over = self.is_closed = False

    def take(self) -> int:
        """So many octets; none is the end. BlockingIOError if the pipe is full."""
        try:
            return os.splice(self.source.fileno(), self.inlet, ROOM)
        except ConnectionError:
            return 0

    def bring(self) -> bool:
        """False if the target cannot take all of it now."""
        try:
            if self.due:
                self.due -= os.splice(self.outlet, self.target.fileno(), self.due)
            if self.is_ending and not self.due:
                self.is_over = True
                self.target.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            return False
        except OSError:
            self.due, self.is_over = 0, True
        return not self.due

    def close(self) -> None:
        self.is_closed = True
        os.close(self.outlet)
        os.close(self.inlet)
        if self.back.is_closed:
            self.source.close()
            self.target.close()


class LongWire:
    def __init__(self, port: int, target: int, delay: float) -> None:
        self.target, self.delay = target, delay
        self.door = socket.create_server((HOST, port), backlog=256)
        self.watched = selectors.DefaultSelector()
        self.watched.register(self.door, selectors.EVENT_READ)
        # When it may leave, and how many octets; none is the end.
        self.under_way: deque[tuple[float, Way, int]] = deque()
        self.full: set[Way] = set()
        self.stuck: set[Way] = set()

    def serve(self) -> NoReturn:
        while True:
            for key, _events in self.watched.select(self.until_next()):
                if key.fileobj is self.door:
                    self.connect()
                else:
                    self.take(key.data)
            self.bring_due()

    def until_next(self) -> float | None:
        if self.full or self.stuck:
            return AGAIN_SECONDS
        return max(0.0, self.under_way[0][0] - time.monotonic()) if self.under_way else None

    def connect(self) -> None:
        near, _address = self.door.accept()
        far = socket.create_connection((HOST, self.target))
        way, back = Way(near, far), Way(far, near)
        way.back, back.back = back, way
        for one in (way, back):
            one.source.setblocking(False)
            one.source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.watched.register(one.source, selectors.EVENT_READ, one)

    def take(self, way: Way) -> None:
        try:
            octets = way.take()
        except BlockingIOError:
            self.full.add(way)
            octets = 0
        else:
            self.under_way.append((time.monotonic() + self.delay, way, octets))
        if not octets:
            self.watched.unregister(way.source)

    def bring_due(self) -> None:
        due, now = self.stuck, time.monotonic()
        while self.under_way and self.under_way[0][0] <= now:
            _until, way, octets = self.under_way.popleft()
            way.due += octets
            way.is_ending |= not octets
            due.add(way)
        self.stuck = {way for way in due if not (way.is_over or way.bring())}
        for way in self.full:
            self.watched.register(way.source, selectors.EVENT_READ, way)
        self.full.clear()
        for way in due:
            if way.is_over:
                self.end(way)

    def end(self, way: Way) -> None:
        """Whichever of its ends hung up."""
        if not way.is_closed:
            with suppress(KeyError):
                self.watched.unregister(way.source)
            way.close()


if __name__ == "__main__":
    near, far, milliseconds = map(int, sys.argv[1:])
    LongWire(near, far, milliseconds / 1000).serve()
