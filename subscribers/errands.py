"""Does long work for staff: everybody in a selection, a bounded number of people at a time.

Each step commits its people, its counts and the cursor together, so an errand that is killed goes on behind
the last step. The cursor is also the fence: a worker that lost its lease finds it moved and changes nothing.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any, Final, Protocol

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from subscribers.models import Subscriber
from subscribers.models.errand import Errand
from subscribers.selections import BadSelection, people

PEOPLE: Final = 2_000
LEASE: Final = timedelta(seconds=60)

logger = logging.getLogger(__name__)


class Refused(Exception):
    """The errand cannot be done as it was asked for; ``str()`` says why in words."""


class Overtaken(Exception):
    """The errand was cancelled, or another worker goes on with it."""


class Work(Protocol):
    """What is done to people; made anew whenever a worker takes an errand up. All of it may raise Refused."""

    def begin(self, errand: Any) -> None:
        """Whenever a worker takes it up: for the first time, to go on, or after another died in a step."""

    def step(self, errand: Any, people: list[Subscriber]) -> Counter[str]:
        """In the transaction that moves the cursor past these people; each has one outcome."""

    def end(self, errand: Any) -> None:
        """Behind the last step and outside of transactions; runs again if the worker dies before it is written down."""


_works: dict[type[Errand], Callable[[], Work]] = {}


def register(model: type[Errand], work: Callable[[], Work]) -> None:
    """When the application starts."""
    _works[model] = work


def registered() -> list[type[Errand]]:
    return list(_works)


def proceed(errand: Errand, *, seconds: float) -> bool:
    """Work on it for about so long; whether more is left to do. Raises only if the database is away."""
    if not _lease(errand):
        return False
    try:
        return Turn(errand, _works[type(errand)]()).run(seconds=seconds)
    except Overtaken:
        return False
    except (BadSelection, Refused) as refusal:
        errand.fail(str(refusal))
    except (OperationalError, InterfaceError):
        # The database is away or busy: the lease runs out, and somebody goes on.
        raise
    except Exception:
        # Anything else would happen again and again, each time the lease runs out.
        logger.exception("%s %s failed", type(errand).__name__, errand.pk)
        errand.fail(_("Something unexpected happened. The log of the worker tells more."))
    return False


def _lease(errand: Errand) -> bool:
    """Take it for this worker alone; False if another has it."""
    won = type(errand).objects.unattended().filter(pk=errand.pk).update(leased_until=Now() + LEASE)
    if won:
        errand.refresh_from_db()
    return bool(won)


class Turn:
    def __init__(self, errand: Errand, work: Work) -> None:
        self._errand = errand
        self._work = work
        self._width = PEOPLE

    def run(self, *, seconds: float) -> bool:
        self._work.begin(self._errand)
        if self._errand.total is None:
            self._renew(total=people(self._errand.selection).count())
        last = Subscriber.objects.aggregate(last=Max("pk"))["last"] or 0
        end = monotonic() + seconds
        while self._errand.cursor < last:
            self._step(last)
            if monotonic() > end:
                self._renew(leased_until=None)
                return True
        self._renew()
        self._work.end(self._errand)
        self._errand.finish()
        return False

    def _step(self, last: int) -> None:
        """The people of the next so many numbers: a range is found quickly, however the selection is made up."""
        cursor = self._errand.cursor
        with transaction.atomic():
            self._renew()
            those = people(self._errand.selection).filter(pk__gt=cursor, pk__lte=cursor + self._width)
            found = list(those.order_by("pk")[:PEOPLE])
            counts = Counter(self._errand.counts)
            if found:
                counts.update(self._work.step(self._errand, found))
            is_full = len(found) == PEOPLE
            reached = found[-1].pk if is_full else min(cursor + self._width, last)
            self._renew(cursor=reached, counts=dict(counts))
        self._adapt(len(found), reached - cursor)

    def _adapt(self, found: int, numbers: int) -> None:
        """A few people among millions must not cost a thousand empty steps."""
        if found == PEOPLE:
            self._width = numbers
        elif found < PEOPLE // 2:
            self._width *= 2

    def _renew(self, **changes: Any) -> None:
        """Keep the lease and lock the row, if it is as this worker left it. Raises Overtaken."""
        errand = self._errand
        here = type(errand).objects.under_way().filter(pk=errand.pk, cursor=errand.cursor)
        if not here.update(**{"leased_until": Now() + LEASE, **changes}):
            raise Overtaken
        # A failed commit raises before anybody reads these.
        for name, value in changes.items():
            setattr(errand, name, value)
