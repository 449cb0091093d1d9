"""What was counted and is not yet written: a burst of a thousand clicks costs a handful of statements."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

from django.db import Error, close_old_connections, connection

logger = logging.getLogger(__name__)

# What comes within this time is written together. A process that is killed loses no more than it and the writing take.
SECONDS: Final = 0.1
# After the database refused, until it is asked again.
REST_SECONDS: Final = 1.0
# Some ten megabytes. What comes when so much waits is not counted.
MOST: Final = 100_000
# A process that ends does not wait for a database that does not come back.
PATIENCE_SECONDS: Final = 10.0

Hit = TypeVar("Hit")


class Buffer(Generic[Hit]):
    """For any number of threads. The one that writes begins with the first hit, never before a process forks.

    Once closed, each hit is written at once by whoever brings it.
    """

    def __init__(self, write: Callable[[Sequence[Hit]], None]) -> None:
        self._write = write
        self.begin_anew()

    def begin_anew(self) -> None:
        """Empty and open; in a forked child, where what waits is still the parent's, and no other thread lives."""
        self._waiting: deque[Hit] = deque()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._has_news = threading.Event()
        self._is_closed = threading.Event()
        self._writer: threading.Thread | None = None

    def add(self, hit: Hit) -> None:
        if len(self._waiting) < MOST:
            self._waiting.append(hit)
        if self._is_closed.is_set():
            self.flush()
        elif not self._has_news.is_set():
            self._has_news.set()
            self._start()

    def flush(self) -> bool:
        """False if the database is away: then what waits goes on waiting."""
        with self._writing:
            hits = [self._waiting.popleft() for _each in range(len(self._waiting))]
            try:
                if hits:
                    self._write(hits)
            except Error as error:
                logger.warning("%s hits wait until the database takes them: %s", len(hits), error)
                self._waiting.extendleft(reversed(hits))
                return False
            except Exception:
                # Whatever is wrong with these must not stop all others.
                logger.exception("%s hits cannot be written.", len(hits))
        return True

    def close(self) -> None:
        """Write what waits; nothing of it is lost when the process ends."""
        self._is_closed.set()
        self._has_news.set()
        if self._writer:
            self._writer.join(PATIENCE_SECONDS)
        self.flush()

    def _start(self) -> None:
        with self._lock:
            if self._writer is None:
                self._writer = threading.Thread(target=self._keep_writing, name="hits", daemon=True)
                self._writer.start()

    def _keep_writing(self) -> None:
        while not self._is_closed.is_set():
            self._has_news.wait()
            self._is_closed.wait(SECONDS)
            # Before reading, so that whoever comes meanwhile is news again.
            self._has_news.clear()
            close_old_connections()
            if not self.flush():
                self._has_news.set()
                self._is_closed.wait(REST_SECONDS)
        connection.close()
