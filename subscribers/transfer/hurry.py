"""How the interpreter works through a million rows."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Whoever has heard from the database waits for its turn no longer than this, and the database with it.
TURN_SECONDS: Final = 0.0005


@contextmanager
def hurrying() -> Iterator[None]:
    """Two threads take turns quickly, and what the application is made of is not searched for garbage meanwhile."""
    turn = sys.getswitchinterval()
    sys.setswitchinterval(TURN_SECONDS)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(turn)
