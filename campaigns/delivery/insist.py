"""Writes what is known, however long the database is away."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction

from campaigns.delivery import pulse

logger = logging.getLogger(__name__)

# What is known of mails that left is kept in memory for so long an outage.
PATIENCE_SECONDS = 900

Result = TypeVar("Result")


def insist(work: Callable[[], Result], *, reads: bool = False) -> Result:
    """Do it in one transaction, again and again until it succeeds or the leases have run out anyway.

    What only `reads`, with one statement, needs no transaction.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        pulse.beat()
        try:
            with nullcontext() if reads else transaction.atomic():
                return work()
        except (OperationalError, InterfaceError):
            if time.monotonic() > deadline:
                raise
            logger.exception("The database is away; the lane waits.")
            connection.close()
            time.sleep(1)
