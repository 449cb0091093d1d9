"""Sends a newsletter to the whole list: our way through the ledger, and the plain way without one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.mail import get_connection
from django.db import connection

from bench import people, scenery
from bench.memory import peak_mb
from bench.stopwatch import timed
from campaigns.delivery import engine, sweep
from campaigns.models import Campaign, Transport

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def ours(connections: int) -> dict[str, float]:
    """Claim, merge, hand over, send and record, in this one process; planning comes before."""
    campaign = scenery.planned_campaign()
    transport = scenery.way_out(connections)
    figures = timed(lambda: run_lanes(transport, connections))
    sweep.finish_done()
    sent = Campaign.objects.get(pk=campaign.pk)
    if sent.status != Campaign.Status.SENT or sent.deliveries.filter(status="sent").count() != sent.planned:
        raise RuntimeError("The ledger does not say that everybody got the mail.")
    return {"messages": sent.planned or 0, "peak_mb": peak_mb(), **figures}


def run_lanes(transport: Transport, connections: int) -> None:
    """A call for each connection, as the tasks would; those for which no slot is left return at once."""
    with ThreadPoolExecutor(connections) as lanes:
        list(lanes.map(run_lane, [transport] * connections))


def run_lane(transport: Transport) -> None:
    try:
        engine.run(transport)
    finally:
        connection.close()


def plain(_connections: int) -> dict[str, float]:
    """The baseline: nothing is compiled twice, one connection, no ledger at all."""
    newsletter = scenery.plain_newsletter()
    readers = people.readers()

    def send_all() -> None:
        with get_connection(SMTP, **settings.MAILERS[scenery.ALIAS]["OPTIONS"]) as way:
            for person in readers:
                way.send_messages([newsletter.message(person)])

    return {"messages": len(readers), **timed(send_all), "peak_mb": peak_mb()}
