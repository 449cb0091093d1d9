"""Gives up on questions that take the database too long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

# How many steps SQLite takes before it looks at the clock.
STEPS = 20_000
QUERY_CANCELED = "57014"


class TookTooLong(Exception):
    """Nothing is known about the answer."""


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises TookTooLong."""
    limited = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    try:
        with limited(seconds):
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == QUERY_CANCELED or str(error) == "interrupted":
            raise TookTooLong from error
        raise


@contextmanager
def _on_postgresql(seconds: float) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        # Compiling such a question takes longer than it saves, and a million people do not fit into what is usual.
        cursor.execute(
            f"SET LOCAL statement_timeout = {int(seconds * 1000)}; SET LOCAL jit = off; SET LOCAL work_mem = '64MB'"
        )
        yield
        cursor.execute("SET LOCAL statement_timeout = DEFAULT; SET LOCAL jit = DEFAULT; SET LOCAL work_mem = DEFAULT")


@contextmanager
def _on_sqlite(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    connection.ensure_connection()
    own = connection.connection
    own.set_progress_handler(lambda: time.monotonic() > end, STEPS)
    try:
        yield
    finally:
        own.set_progress_handler(None, 0)
