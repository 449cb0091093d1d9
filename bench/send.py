"""Sends a newsletter to the list: our way through the ledger, and the plain way without one."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.mail import get_connection
from django.db.models import Count

from bench import people, scenery
from bench.memory import peak_mb
from bench.stopwatch import timed
from campaigns.delivery import engine, sweep
from campaigns.models import Campaign, Delivery

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def ours(connections: int) -> dict[str, float]:
    """Claim, merge, hand over, send and record, in this one process; planning comes before."""
    campaign = scenery.planned_campaign()
    figures = timed(lambda: run_lane(connections))
    if not (messages := sent_by(campaign)):
        raise RuntimeError("Nothing was sent.")
    return {"messages": messages, "peak_mb": peak_mb(), **figures}


def run_lane(connections: int) -> None:
    """Until nobody waits, or for LANE_SECONDS."""
    if not engine.run(scenery.way_out(connections)):
        raise RuntimeError("No slot was free.")


def sent_by(campaign: Campaign) -> int:
    """RuntimeError unless the ledger adds up, and the campaign is finished if nobody waits."""
    sweep.finish_done()
    campaign.refresh_from_db()
    outcomes: dict[str, int] = dict(campaign.deliveries.values_list("status").annotate(Count("pk")))
    sent, waiting = (outcomes.pop(status, 0) for status in (Delivery.Status.SENT, Delivery.Status.QUEUED))
    is_finished = campaign.status == Campaign.Status.SENT
    if outcomes or sent + waiting != campaign.planned or is_finished == bool(waiting):
        raise RuntimeError(f"The ledger does not add up: {sent} sent, {waiting} waiting, {outcomes}.")
    return sent


def plain(messages: int, seconds: int, connections: int) -> dict[str, float]:
    """Nothing is compiled twice, kept connections, no ledger at all: so many mails, or what the time allows."""
    newsletter = scenery.plain_newsletter()
    readers = iter(people.readers(messages))
    end = time.monotonic() + seconds
    sent: list[int] = []

    def send_some(_number: int) -> None:
        with get_connection(SMTP, **settings.MAILERS[scenery.ALIAS]["OPTIONS"]) as way:
            for person in readers:
                sent.append(way.send_messages([newsletter.message(person)]) or 0)
                if time.monotonic() > end:
                    return

    def send_all() -> None:
        with ThreadPoolExecutor(connections) as threads:
            list(threads.map(send_some, range(connections)))

    figures = timed(send_all)
    return {"messages": sum(sent), **figures, "peak_mb": peak_mb()}
