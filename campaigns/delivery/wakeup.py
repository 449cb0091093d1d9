"""Tells lanes that mail of the application waits, as soon as whoever wrote it commits."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import suppress
from typing import TypeVar

import psycopg
from django.db import Error as DatabaseError
from django.db import connection, transaction
from django_q.tasks import async_task

from campaigns.delivery.wires.switchboard import Switchboard

CHANNEL = "broadsheet_mail"
# What is written in between is found by the lane that was called, or by the next tick.
NUDGE_SECONDS = 0.3

_nudged_at = 0.0

Result = TypeVar("Result")


def ring() -> None:
    """Call it after the rows are written, in the same transaction if there is one. Losing it costs a second."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")
    else:
        transaction.on_commit(_nudge, robust=True)


def _nudge() -> None:
    global _nudged_at
    if time.monotonic() > _nudged_at + NUDGE_SECONDS:
        _nudged_at = time.monotonic()
        async_task("campaigns.tasks.call_lanes")


class Ear:
    """Of a lane: hears on its own connection to the database, while it works and while it waits.

    And as long as the database has not answered, it lets the wires go on.
    """

    def __init__(self, switchboard: Switchboard) -> None:
        self.has_heard = False
        self._switchboard = switchboard
        self._line: psycopg.Connection[object] | None = None
        # Our own, lest a closed connection leaves its number to something else that is watched.
        self._number = -1

    @property
    def is_open(self) -> bool:
        return self._line is not None and connection.connection is self._line and not self._line.closed

    def open(self) -> None:
        """Now and then, because the connection may have been lost and made anew."""
        if connection.vendor != "postgresql" or self.is_open:
            return
        self._forget()
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        line = self._line = connection.connection
        line.add_notify_handler(self._hear)
        self._number = os.dup(line.fileno())
        self._switchboard.hear(self._number, self._read)
        line.wait = self._wait
        # What was written before we listened rang for nobody.
        self.has_heard = True

    def close(self) -> None:
        """At the end of the lane, or the worker's connection would collect rings that nobody hears."""
        if self.is_open and self._line:
            self._line.remove_notify_handler(self._hear)
            with suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute(f"UNLISTEN {CHANNEL}")
        self._forget()

    def _forget(self) -> None:
        if self._line:
            vars(self._line).pop("wait", None)
            self._switchboard.forget(self._number)
            os.close(self._number)
        self._line, self._number = None, -1

    def _wait(self, steps: Generator[int, int, Result], *_limits: object, **_others: object) -> Result:
        """In the place of psycopg's own, which does nothing else meanwhile."""
        return self._switchboard.see_through(steps, self._number)

    def _hear(self, _notify: psycopg.Notify) -> None:
        self.has_heard = True

    def _read(self) -> None:
        """There is something on the connection although nothing was asked: a ring, or its end."""
        assert self._line
        try:
            self._line.pgconn.consume_input()
            while self._line.pgconn.notifies():
                self.has_heard = True
        except psycopg.OperationalError:
            # The next question will find that out too, and the tick calls lanes meanwhile.
            self._forget()
