"""How the interpreter works through a million rows or mails."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Whoever has heard from the database waits for its turn no longer than this, and the database with it.
TURN_SECONDS: Final = 0.0001
# How many more things there may be before garbage is looked for. A chunk of rows is none, and holds this many: to
# look through it as often as Python does by itself takes a third of the time of an import, and a tenth of a lane's.
THINGS: Final = 200_000


@contextmanager
def hurrying() -> Iterator[None]:
    """Two threads take turns quickly, and hardly any time goes into the search for garbage, of which there is none."""
    turn, (things, *others) = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(TURN_SECONDS)
    gc.freeze()
    gc.set_threshold(THINGS, *others)
    try:
        yield
    finally:
        gc.set_threshold(things, *others)
        gc.unfreeze()
        sys.setswitchinterval(turn)
