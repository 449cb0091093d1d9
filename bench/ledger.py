"""What a mail costs out of campaigns of different sizes: some seconds of sending, out of so many planned."""

from __future__ import annotations

import psutil
from django.db import connection

from bench import scenery, send
from bench.memory import peak_mb
from bench.stopwatch import timed
from campaigns.models import Campaign, Delivery

# More than a sample can take, unless the campaign is smaller.
ENOUGH = 40_000


def prepare(people: int) -> dict[str, float]:
    """A planned campaign of which enough people are left, in tables with nothing to be tidied meanwhile."""
    left = Delivery.objects.filter(status=Delivery.Status.QUEUED).count()
    if left < min(people, ENOUGH):
        scenery.planned_campaign()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {}


def sample(connections: int) -> dict[str, float]:
    campaign = Campaign.objects.get()
    before, used = send.sent_by(campaign), database_seconds()
    figures = timed(lambda: send.run_lane(connections))
    database = database_seconds() - used
    return {"messages": send.sent_by(campaign) - before, "database_cpu": database, "peak_mb": peak_mb(), **figures}


def database_seconds() -> float:
    """What all processes of the PostgreSQL server have used, those that have ended included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    server = psutil.Process(backend).parent()
    ended = server.cpu_times()
    living = [process.cpu_times() for process in (server, *server.children())]
    return float(ended.children_user + ended.children_system + sum(one.user + one.system for one in living))
