"""Who may hold a connection to a transport, and what is on each wire: leased rows that all hosts share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import TypeAlias

from django.conf import settings
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from campaigns import prepared
from campaigns.delivery import tokens
from campaigns.models import Slot, Transport, clock

# How long a nudge may wait in the queue before another is sent.
NUDGE = timedelta(seconds=5)
# By slot, the numbers of the mails, and how many of them each limit counts.
Windows: TypeAlias = Mapping[int, tuple[Sequence[int], Mapping[str, int]]]
WINDOWS = prepared.Table("loaded", number="bigint", mails="jsonb", tokens="jsonb")


class Lost(Exception):
    """The lease ran out, and the sweeper gave the slot away."""


def take(transport: Transport, owner: str, most: int) -> list[Slot]:
    """Free slots; none if as many connections as may be open are open already."""
    _ensure(transport)
    taken: list[Slot] = []
    for slot in _free(transport).order_by("number"):
        if len(taken) < most and _free(transport).filter(pk=slot.pk).update(owner=owner, leased_until=_lease()):
            taken.append(slot)
    return taken


def keep(owner: str, number: int) -> None:
    """Raises Lost if they are not so many any more."""
    if Slot.objects.filter(owner=owner).update(leased_until=_lease()) != number:
        raise Lost


def put_on_wire(owner: str, windows: Windows) -> None:
    """Commit it before the first byte leaves. Raises Lost."""
    expect(len(windows), prepared.run(put(), told(owner, windows)))


def told(owner: str, windows: Windows) -> list[str | int]:
    """The parameters of `put`."""
    rows = [{"number": number, "mails": mails, "tokens": counted} for number, (mails, counted) in windows.items()]
    return [settings.LEASE_SECONDS, WINDOWS.parameter(rows), owner]


def expect(number: int, written: Sequence[prepared.Row]) -> None:
    if len(written) != number:
        raise Lost


def leave(owner: str) -> None:
    """Call it in a transaction, when nothing is on a wire any more or nobody will ever know of it."""
    held = Slot.objects.select_for_update().filter(owner=owner).order_by("pk")
    tokens.settle(sum((Counter(slot.tokens) for slot in held), Counter()))
    held.update(owner="", leased_until=None, nudged_at=None, window=[], tokens={})


def is_manned(transport: Transport) -> bool:
    """Whether a lane is there or was just called."""
    called = Q(nudged_at__gt=clock.now() - NUDGE)
    return transport.slots.filter(~Q(owner="") | called).exists()


def is_first(transport: Transport, owner: str) -> bool:
    """Whether it holds the first of the slots that are held, as one owner does."""
    first = transport.slots.exclude(owner="").order_by("number").first()
    return first is not None and first.owner == owner


def nudge(transport: Transport, most: int | None = None) -> int:
    """How many free slots to call lanes for; of many hosts that ask at once, one gets each."""
    _ensure(transport)
    now = clock.now()
    # Not by a clock that was ahead of ours either.
    waited = Q(nudged_at=None) | Q(nudged_at__lt=now - NUDGE) | Q(nudged_at__gt=now + NUDGE)
    numbers = list(_free(transport).filter(waited).order_by("number").values_list("pk", flat=True)[:most])
    return sum(Slot.objects.filter(waited, pk=pk).update(nudged_at=clock.now()) for pk in numbers)


@cache
def put() -> str:
    lease = "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '+' || %s || ' seconds')"
    if connection.vendor == "postgresql":
        lease = "STATEMENT_TIMESTAMP() + make_interval(secs => %s)"
    return f"""
        UPDATE campaigns_slot SET "window" = loaded.mails, tokens = loaded.tokens, leased_until = {lease}
        FROM {WINDOWS.source} WHERE campaigns_slot.id = loaded.number AND owner = %s RETURNING id"""


def _ensure(transport: Transport) -> None:
    known = set(transport.slots.values_list("number", flat=True))
    lacking = [Slot(transport=transport, number=n) for n in range(transport.connections) if n not in known]
    Slot.objects.bulk_create(lacking, ignore_conflicts=True)


def _free(transport: Transport) -> QuerySet[Slot]:
    # One whose lease ran out is not free: the sweeper first names what was on its wire.
    return Slot.objects.filter(transport=transport, number__lt=F("transport__connections"), owner="")


def _lease() -> Now:
    return Now() + timedelta(seconds=settings.LEASE_SECONDS)  # type: ignore[return-value]
