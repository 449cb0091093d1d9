"""What django-q2 calls: nudges that look at the rows and do what is due, once, however often they come."""

from __future__ import annotations

from django.db import transaction
from django_q.tasks import async_task

from campaigns import notifications, tallies
from campaigns.delivery import domains, emptying, engine, plan, slots, sweep
from campaigns.feedback.incoming import reading
from campaigns.models import Transport
from subscribers import tasks as subscribers_tasks

PLANNING_SECONDS = 0.8
CALLING_SECONDS = 0.5
READING_SECONDS = 60.0


def nudge() -> None:
    """Look soon, once the current transaction is committed. Losing it costs a second, not a mail."""
    transaction.on_commit(lambda: async_task("campaigns.tasks.tick"))


def tick() -> None:
    """Everything that is due now, in small steps; safe on any number of hosts at once."""
    plan.start_due()
    plan.continue_planning(PLANNING_SECONDS)
    domains.call_back(CALLING_SECONDS)
    sweep.settle_lost_lanes()
    sweep.skip_cancelled()
    sweep.finish_done()
    call_lanes()
    # Whatever goes wrong with the rest stops no mail.
    notifications.watch()
    emptying.empty_old()
    subscribers_tasks.sweep()
    if reading.is_due():
        async_task("campaigns.tasks.read_mailbox")


def lane(transport_id: int) -> None:
    """Send through one connection for a while."""
    transport = Transport.objects.filter(pk=transport_id).first()
    if transport and engine.run(transport, lingers=True):
        call_lanes()


def call_lanes() -> None:
    """Ask for a lane on each free slot of the transports on which mail could leave now."""
    for transport in engine.needed_lanes():
        for _slot in range(slots.nudge(transport)):
            async_task("campaigns.tasks.lane", transport.pk)
    waiting = engine.standby()
    if waiting and slots.nudge(waiting, most=1):
        async_task("campaigns.tasks.lane", waiting.pk)


def read_mailbox() -> None:
    """Every two minutes, and at once while there is more."""
    reading.read(seconds=READING_SECONDS)


def count_ahead() -> None:
    """Each minute: what the first page would else have to count while somebody waits."""
    tallies.keep()
