"""The guard of a crew: it starts a pusher, workers and a monitor of django-q2, and sees to it that they go on.

It shares no lock with anybody and talks to no server, so whatever dies or hangs does not hang it too.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import queue
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from typing import Any, NoReturn

from django_q.conf import Conf
from django_q.monitor import monitor
from django_q.worker import worker

from campaigns.delivery import pulse
from campaigns.delivery.lockfree import Flag, Number
from campaigns.management.kinship import introduce
from campaigns.management.pushing import push
from campaigns.management.seats import Seat

CYCLE_SECONDS = 0.25
LOOK_SECONDS = 0.05

# Children know what their parent knows, and nothing is pickled.
fork = multiprocessing.get_context("fork")

logger = logging.getLogger(__name__)


class Strings:
    """What the main process and a guard hold at both ends."""

    def __init__(self, drain: Flag) -> None:
        self.drain, self.stop, self.is_broken, self.beat = drain, Flag(), Flag(), Number()
        self.seats = [Seat() for _worker in range(Conf.WORKERS)]


class Guard:
    def __init__(self, strings: Strings) -> None:
        self.strings = strings
        self.tasks: Queue[Any] = fork.Queue(Conf.QUEUE_LIMIT)
        self.results: Queue[Any] = fork.Queue()
        self.is_closing = Flag()
        self.workers: dict[Seat, BaseProcess] = {}
        self.monitor: BaseProcess | None = None
        self.pusher: BaseProcess | None = None

    def run(self) -> NoReturn:
        introduce("guard")
        # A service manager sends the signal to all processes at once, and workers must finish what they do.
        # Whoever is forked from here ignores it as well, and stops when it is told through the queue.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            self.watch()
            self.close()
        except BaseException:
            logger.exception("The guard of the workers gives up.")
        finally:
            # The farewell of multiprocessing would wait for children that only a kill can end.
            os._exit(0)

    def watch(self) -> None:
        self.fill()
        while not self.strings.stop.wait(CYCLE_SECONDS):
            self.strings.beat.value = time.monotonic()
            self.end_stuck()
            self.fill()

    def fill(self) -> None:
        """Everybody is there; who left, a worker after its last task for instance, is replaced."""
        for seat in self.strings.seats:
            if self.has_left(self.workers.get(seat)):
                seat.clear()
                self.workers[seat] = start("worker", work, self.tasks, self.results, seat)
        if self.has_left(self.monitor):
            self.monitor = start("monitor", monitor, self.results)
        if self.has_left(self.pusher):
            self.pusher = start("pusher", push, self.tasks, self.is_closing)

    def has_left(self, process: BaseProcess | None) -> bool:
        """By itself. One that was killed may have taken the lock of a queue with it, and never comes back from here."""
        if process and (process.exitcode or 0) < 0:
            self.make_way()
        return process is None or process.exitcode is not None

    def end_stuck(self) -> None:
        for seat, process in self.workers.items():
            if seat.is_stuck:
                logger.error("A worker does not move any more and is killed: %s", process.pid)
                process.kill()
                process.join()

    def make_way(self) -> NoReturn:
        """Only new queues are sure to work: another crew takes over while the workers of this one finish."""
        logger.error("A process was killed; a new crew takes over.")
        self.strings.is_broken.set()
        self.strings.drain.set()
        if self.pusher:
            self.pusher.kill()
        while any(seat.is_busy and process.is_alive() for seat, process in self.workers.items()):
            time.sleep(LOOK_SECONDS)
        # Whoever is left dies with its parent.
        os._exit(1)

    def close(self) -> None:
        """The pusher first, so that nothing new comes; workers after what they do; the monitor when all is noted."""
        self.is_closing.set()
        self.see_off([self.pusher])
        self.see_off(self.workers.values(), told_by=self.tasks)
        self.see_off([self.monitor], told_by=self.results)

    def see_off(self, leaving: Iterable[BaseProcess | None], told_by: Queue[Any] | None = None) -> None:
        leaving = list(leaving)
        while not all(self.has_left(process) for process in leaving):
            # Whoever is killed meanwhile may be the one that the others wait for.
            for process in [*self.workers.values(), self.monitor, self.pusher]:
                self.has_left(process)
            if told_by:
                with suppress(queue.Full):
                    told_by.put("STOP", block=False)
            time.sleep(LOOK_SECONDS)


def start(role: str, target: Callable[..., object], *shared: object) -> BaseProcess:
    def live() -> None:
        introduce(role)
        target(*shared)

    process = fork.Process(target=live, daemon=Conf.DAEMONIZE_WORKERS)
    process.start()
    return process


def work(tasks: Queue[Any], results: Queue[Any], seat: Seat) -> None:
    pulse.share(seat.pulse)
    worker(tasks, results, seat, Conf.TIMEOUT)
