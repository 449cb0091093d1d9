"""The `qcluster` command: the tasks of django-q2, done by processes that go on whoever of them dies or hangs.

The main process ticks and watches a crew: a guard, and the pusher, workers and monitor that it forked.
"""

from __future__ import annotations

import logging
import signal
import time
from contextlib import suppress
from types import FrameType

from django import db
from django.utils import timezone
from django_q.scheduler import scheduler

from campaigns import tasks
from campaigns.delivery import drain, heartbeats
from campaigns.management.guard import Guard, Strings, fork
from campaigns.management.kinship import bind_children_to_their_parent

TICK_SECONDS = 1.0
# After a tick or a start that failed, for instance because the database is away.
PATIENCE_SECONDS = 5.0
SCHEDULE_SECONDS = 30.0
LOOK_SECONDS = 0.1
# Looks, not seconds: when all of us were stopped for a while, the guard is not to blame.
SILENT_LOOKS = 60
# A lane ends after the mails that are on the wire; a server may take its time over each.
STOP_SECONDS = 120.0
# Its lanes have that long to end by themselves if the guard hangs.
SILENT_SECONDS = 5.0

logger = logging.getLogger(__name__)


class Crew:
    """A guard and whoever it forked, as the main process sees them."""

    def __init__(self) -> None:
        # A connection must not be shared with a child.
        db.connections.close_all()
        self.strings = Strings(drain.renew())
        self.guard = fork.Process(target=lambda: Guard(self.strings).run())
        self.guard.start()
        self.last_beat, self.looks = 0.0, 0
        self.ends_at: float | None = None

    def has_failed(self) -> bool:
        beat = self.strings.beat.value
        self.last_beat, self.looks = beat, self.looks + 1 if beat == self.last_beat else 0
        return self.is_aware or not self.guard.is_alive() or self.looks > SILENT_LOOKS

    @property
    def is_aware(self) -> bool:
        """Its guard knows that it must make way, and ends when its workers have."""
        return self.strings.is_broken.is_set()

    def dismiss(self, seconds: float) -> None:
        self.strings.drain.set()
        self.strings.stop.set()
        self.ends_at = time.monotonic() + seconds

    def is_gone(self) -> bool:
        if self.ends_at and time.monotonic() > self.ends_at:
            # Its children die with it, and the rows tell what they were doing.
            self.guard.kill()
        return not self.guard.is_alive()

    @property
    def progress(self) -> dict[str, float | str]:
        seats = self.strings.seats
        return {
            "workers": len(seats),
            "busy": sum(seat.is_busy for seat in seats),
            "still_seconds": round(max(seat.still_seconds for seat in seats), 1),
        }


class Cluster:
    def __init__(self) -> None:
        self.is_asked_to_stop = False
        self.started_at = timezone.now()
        self.crews: list[Crew] = []
        self.next_start = self.next_tick = self.next_schedule = 0.0

    def run(self) -> None:
        """Work until a signal comes, and return when everything on the wire is written down."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.ask_to_stop)
        bind_children_to_their_parent()
        self.crews = [Crew()]
        while not self.is_asked_to_stop:
            self.watch()
            if time.monotonic() >= self.next_tick:
                self.next_tick = time.monotonic() + (TICK_SECONDS if self.tick() else PATIENCE_SECONDS)
            time.sleep(LOOK_SECONDS)
        self.stop()

    def ask_to_stop(self, signum: int, frame: FrameType | None) -> None:
        # Nothing else may happen here: the code that was interrupted may hold a lock.
        self.is_asked_to_stop = True

    def watch(self) -> None:
        *earlier, crew = self.crews
        self.crews = [*(one for one in earlier if not one.is_gone()), crew]
        if crew.has_failed() and time.monotonic() >= self.next_start:
            logger.error("The workers are not what they should be; starting a new crew.")
            self.next_start = time.monotonic() + PATIENCE_SECONDS
            crew.dismiss(STOP_SECONDS if crew.is_aware else SILENT_SECONDS)
            self.crews.append(Crew())

    def tick(self) -> bool:
        trouble = ""
        try:
            tasks.tick()
            self.keep_schedule()
        except Exception as error:
            logger.exception("A tick failed.")
            trouble = str(error) or type(error).__name__
        try:
            heartbeats.write(self.started_at, self.crews[-1].progress | {"trouble": trouble})
        except db.Error as error:
            logger.error("The database is away: %s", error)
            db.connections.close_all()
            return False
        finally:
            db.close_old_connections()
        return not trouble

    def keep_schedule(self) -> None:
        if time.monotonic() < self.next_schedule:
            return
        self.next_schedule = time.monotonic() + SCHEDULE_SECONDS
        scheduler()
        heartbeats.forget_dead()

    def stop(self) -> None:
        for crew in self.crews:
            crew.dismiss(STOP_SECONDS)
        while not all(crew.is_gone() for crew in self.crews):
            time.sleep(LOOK_SECONDS)
        with suppress(db.Error):
            heartbeats.end()
