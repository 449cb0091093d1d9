"""Threads that want the same at the same time: one of them does it for all, with one commit instead of many."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Wish = TypeVar("Wish")
Answer = TypeVar("Answer")


class Place(Generic[Wish, Answer]):
    """In the queue."""

    def __init__(self, wish: Wish) -> None:
        self.wish = wish
        # One, when it is done.
        self.answers: list[Answer] = []
        self.is_alone = False


class Together(Generic[Wish, Answer]):
    """`do`: fulfils wishes, all or none, and says one answer for each of them, in order.

    Nobody is answered before it is done, and nobody waits who comes alone. Where one wish is the reason why it cannot
    be done, only that one fails: then each is tried by itself, by whoever brought it.
    """

    def __init__(self, do: Callable[[Sequence[Wish]], Sequence[Answer]]) -> None:
        self._do = do
        self._waiting: deque[Place[Wish, Answer]] = deque()
        self._turn = Lock()

    def __call__(self, wish: Wish) -> Answer:
        place: Place[Wish, Answer] = Place(wish)
        self._waiting.append(place)
        with self._turn:
            # Most often somebody did it while we waited for our turn.
            if not (place.answers or place.is_alone):
                self._do_all()
        return place.answers[0] if place.answers else self._do([wish])[0]

    def _do_all(self) -> None:
        places = [self._waiting.popleft() for _each in range(len(self._waiting))]
        try:
            answers = self._do([place.wish for place in places])
        except Exception:
            for place in places:
                place.is_alone = True
        else:
            for place, answer in zip(places, answers, strict=True):
                place.answers.append(answer)
