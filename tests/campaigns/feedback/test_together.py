"""Threads that want the same: what one of them does for all."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest

from campaigns.feedback.together import Together

PATIENCE_SECONDS = 10


class Desk:
    """Doubles numbers, stays shut until it is opened, and cannot do 13."""

    def __init__(self):
        self.is_open = Event()
        self.is_busy = Event()
        self.batches: list[list[int]] = []

    def double(self, numbers: Sequence[int]) -> list[int]:
        self.is_busy.set()
        assert self.is_open.wait(PATIENCE_SECONDS)
        self.batches.append(sorted(numbers))
        if 13 in numbers:
            raise ValueError("13")
        return [2 * number for number in numbers]


@pytest.fixture
def desk():
    return Desk()


def all_at_once(together, desk, numbers):
    """The first comes to a shut desk, and all others while it is busy with the first."""
    with ThreadPoolExecutor(len(numbers)) as threads:
        first = threads.submit(together, numbers[0])
        assert desk.is_busy.wait(PATIENCE_SECONDS)
        others = [threads.submit(together, number) for number in numbers[1:]]
        pause = Event()
        for _look in range(1000):
            if len(together._waiting) == len(others):
                break
            pause.wait(PATIENCE_SECONDS / 1000)
        desk.is_open.set()
    return [first, *others]


def test_whoever_comes_alone_is_served_alone(desk):
    desk.is_open.set()
    together = Together(desk.double)

    assert [together(1), together(2)] == [2, 4]

    assert desk.batches == [[1], [2]]


def test_those_who_come_while_somebody_is_served_are_served_together(desk):
    answers = [one.result() for one in all_at_once(Together(desk.double), desk, [1, 2, 3, 4])]

    assert answers == [2, 4, 6, 8]
    assert desk.batches == [[1], [2, 3, 4]]


def test_one_that_cannot_be_done_fails_alone(desk):
    done = all_at_once(Together(desk.double), desk, [1, 2, 13, 4])

    assert [one.result() for one in (done[0], done[1], done[3])] == [2, 4, 8]
    with pytest.raises(ValueError, match="13"):
        done[2].result()


def test_nobody_is_answered_before_it_is_done(desk):
    together, answers = Together(desk.double), []
    thread = Thread(target=lambda: answers.append(together(1)))
    thread.start()

    assert desk.is_busy.wait(PATIENCE_SECONDS)
    assert answers == []

    desk.is_open.set()
    thread.join(PATIENCE_SECONDS)
    assert answers == [2]
