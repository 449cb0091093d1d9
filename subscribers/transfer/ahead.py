"""Takes what another process says while the one who listens is busy with what it said before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Any, Final

# Of the size of a frame, each: a few megabytes, as many rows as the database takes in a second.
MOST_AHEAD: Final = 24
_END: Final = object()


class Ahead:
    """Iterates over what a source yields, in a thread of its own; an error of the source is raised at its place."""

    def __init__(self, source: Iterable[Any]) -> None:
        self._source = source
        self._taken: SimpleQueue[Any] = SimpleQueue()
        self._room = Semaphore(MOST_AHEAD)
        self._is_closed = False
        self._thread = Thread(target=self._take, daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[Any]:
        while (taken := self._taken.get()) is not _END:
            self._room.release()
            if isinstance(taken, Exception):
                raise taken
            yield taken

    def close(self) -> None:
        """The source has to end, or to fail, soon."""
        self._is_closed = True
        self._room.release()
        self._thread.join()

    def _take(self) -> None:
        try:
            for taken in self._source:
                self._room.acquire()
                if self._is_closed:
                    return
                self._taken.put(taken)
        except Exception as error:
            self._taken.put(error)
        finally:
            self._taken.put(_END)
