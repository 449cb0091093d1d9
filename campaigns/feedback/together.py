"""Threads that want the same at the same time: one of them does it for all, with one commit instead of many."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

Wish = TypeVar("Wish")
Answer = TypeVar("Answer")


class Place(Generic[Wish, Answer]):
    """In the queue. Its door opens when the wish was looked at, or when it is the turn of whoever stands here."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        self.was_tried = False
        # One, if it was done.
        self.answers: list[Answer] = []
        self.door = Lock()
        self.door.acquire()


class Together(Generic[Wish, Answer]):
    """`do`: fulfils wishes, all or none, and says one answer for each of them, in order.

    Nobody is answered before it is done, and nobody waits who comes alone. Where one wish is the reason why it cannot
    be done, only that one fails: then each is tried by itself, by whoever brought it.
    """

    def __init__(self, do: Callable[[Sequence[Wish]], Sequence[Answer]]) -> None:
        self._do = do
        self._waiting: list[Place[Wish, Answer]] = []
        self._is_busy = False
        self._lock = Lock()

    def __call__(self, wish: Wish) -> Answer:
        place: Place[Wish, Answer] = Place(wish)
        with self._lock:
            self._waiting.append(place)
            is_first, self._is_busy = not self._is_busy, True
        if not is_first:
            place.door.acquire()
        if not place.was_tried:
            self._do_all()
        return place.answers[0] if place.answers else self._do([wish])[0]

    def _do_all(self) -> None:
        with self._lock:
            places, self._waiting = self._waiting, []
        try:
            for place, answer in zip(places, self._do([place.wish for place in places]), strict=True):
                place.answers.append(answer)
        except Exception:
            logger.exception("%s wishes cannot be fulfilled together.", len(places))
        finally:
            self._leave(places)

    def _leave(self, places: Sequence[Place[Wish, Answer]]) -> None:
        """Whoever came meanwhile goes on at once, before all others tell what they know."""
        with self._lock:
            self._is_busy = bool(self._waiting)
            if self._waiting:
                self._waiting[0].door.release()
        for place in places:
            place.was_tried = True
            place.door.release()
