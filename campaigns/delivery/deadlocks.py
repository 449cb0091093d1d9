"""What staff decide while lanes write down what they know: whoever locks in another order may have to begin anew."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

# PostgreSQL ends one of those that wait for each other, and the others go on within milliseconds.
TRIES = 5
LONGEST_WAIT_SECONDS = 0.1
# Codes of PostgreSQL.
DEADLOCK, LOCK_TIMEOUT = "40P01", "55P03"

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def tries_again(work: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """For what is one transaction by itself."""

    @wraps(work)
    def patient(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        for _try in range(TRIES - 1):
            try:
                return work(*args, **kwargs)
            except OperationalError as error:
                # Within a larger transaction only its owner can begin anew.
                if connection.in_atomic_block or getattr(error.__cause__, "sqlstate", None) != DEADLOCK:
                    raise
            time.sleep(random.uniform(0, LONGEST_WAIT_SECONDS))
        return work(*args, **kwargs)

    return patient
