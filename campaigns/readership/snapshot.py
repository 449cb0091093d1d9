"""All counts of a report see the same moment, though mails leave meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_moment() -> Iterator[None]:
    """On PostgreSQL; on SQLite a transaction would keep whoever writes waiting, so tables may differ by a few mails."""
    if connection.vendor != "postgresql":
        yield
        return
    is_first = not connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as cursor:
            if is_first:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            # Compiling takes longer than most of these counts, and sorting on disk longer than in memory.
            cursor.execute("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
        yield
