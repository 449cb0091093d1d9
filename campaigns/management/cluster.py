"""django-q2's cluster, made to tick, to stop in order and to leave nothing behind.

Uses private names of django-q2, which is why pyproject pins its minor version.
"""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import signal
import sys
import time
import uuid
from multiprocessing import Process
from types import FrameType
from typing import NoReturn

from django import db
from django_q import cluster

from campaigns import tasks
from campaigns.delivery import drain

TICK_SECONDS = 1.0
# After a tick or a start that failed, for instance because the database is away.
PATIENCE_SECONDS = 5.0
LOOK_SECONDS = 0.1
# A lane ends after the mails that are on the wire; a server may take its time over each.
STOP_SECONDS = 120
DRAIN_SECONDS = 30
# <linux/prctl.h>
PR_SET_PDEATHSIG = 1

logger = logging.getLogger(__name__)


class Cluster(cluster.Cluster):  # type: ignore[misc]
    def __init__(self) -> None:
        self.is_asked_to_stop = False
        super().__init__()

    def run(self) -> None:
        """Work until a signal comes, and return when everything on the wire is written down."""
        bind_children_to_their_parent()
        self.start()
        next_tick = next_start = 0.0
        while not self.is_asked_to_stop:
            if not self.sentinel.is_alive() and time.monotonic() >= next_start:
                logger.error("The guard of the workers is gone; starting all of them anew.")
                next_start = time.monotonic() + PATIENCE_SECONDS
                self.start()
            if time.monotonic() >= next_tick:
                next_tick = time.monotonic() + (TICK_SECONDS if tick() else PATIENCE_SECONDS)
            time.sleep(LOOK_SECONDS)
        self.stop()

    def start(self) -> int:
        # A connection must not be shared with a child.
        db.connections.close_all()
        drain.take_back()
        self.stop_event, self.start_event = multiprocessing.Event(), multiprocessing.Event()
        self.sentinel = cluster.get_mp_context().Process(
            target=Sentinel,
            name=f"Process-{uuid.uuid4().hex}",
            args=(self.stop_event, self.start_event, self.cluster_id, self.broker, self.timeout),
        )
        self.sentinel.start()
        return int(self.pid)

    def stop(self) -> bool:
        drain.request()
        self.stop_event.set()
        self.sentinel.join(STOP_SECONDS)
        if self.sentinel.is_alive():
            # Its children die with it, and the leases tell what they were doing.
            self.sentinel.kill()
            self.sentinel.join()
        return True

    def sig_handler(self, signum: int, frame: FrameType | None) -> None:
        # Nothing else may happen here: the code that was interrupted may hold a lock.
        self.is_asked_to_stop = True


class Sentinel(cluster.Sentinel):  # type: ignore[misc]
    def start(self) -> None:
        # A service manager sends the signal to all processes at once, and workers must finish what they do.
        # Whoever is forked from here ignores it as well, and stops when it is told through the queue.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        super().start()

    def reincarnate(self, process: Process) -> None:
        if process.exitcode is not None and process.exitcode < 0:
            self.make_way()
        super().reincarnate(process)

    def make_way(self) -> NoReturn:
        """A child that is killed may take a lock of the queue with it; only new queues are sure to work."""
        logger.error("A process was killed; the others finish what they do.")
        drain.request()
        deadline = time.monotonic() + DRAIN_SECONDS
        while any(worker.is_alive() and worker.timer.value > 0 for worker in self.pool):
            if time.monotonic() > deadline:
                break
            time.sleep(LOOK_SECONDS)
        # The children die with their parent, and the main process starts a new one.
        os._exit(1)


def tick() -> bool:
    try:
        tasks.tick()
    except Exception:
        logger.exception("A tick failed.")
        db.connections.close_all()
        return False
    finally:
        db.close_old_connections()
    return True


def bind_children_to_their_parent() -> None:
    """Whoever is forked from now on is killed when its parent dies, so that a kill leaves no orphans."""
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)

    def die_with_parent() -> None:
        library.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    os.register_at_fork(after_in_child=die_with_parent)
