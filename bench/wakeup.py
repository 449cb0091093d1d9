"""How long a mail of the application takes from the commit of whoever wrote it to the mail server."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import quantiles

from django.conf import settings
from django.core.mail import send_mail
from django.db import connection, transaction

from tests.catcher import Catcher, catching

# Until a cluster is up, and until a mail is given up.
PATIENCE_SECONDS = 60
LOOK_SECONDS = 0.0005
# Between two mails, in turn long and short, so that they meet the cluster in any of its moments.
LONGEST_PAUSE_SECONDS = 0.4


def latencies(mails: int) -> dict[str, float]:
    """In ms, with a cluster of our own: left alone, and with all its connections to the database cut before a mail."""
    with catching() as catcher, cluster(catcher.url()):
        for _mail in range(10):
            seconds(catcher)
        calm = [seconds(catcher) for _mail in range(mails)]
        cut = [seconds(catcher, is_cut=True) for _mail in range(max(10, mails // 5))]
    return {
        "p50": percentile(calm, 50),
        "p95": percentile(calm, 95),
        "p99": percentile(calm, 99),
        "cut_p50": percentile(cut, 50),
        "cut_p95": percentile(cut, 95),
    }


@contextmanager
def cluster(way: str) -> Iterator[None]:
    environment = os.environ | {"MAILERS": f"main={way}"}
    process = subprocess.Popen([sys.executable, "manage.py", "qcluster"], env=environment, cwd=settings.BASE_DIR)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def seconds(catcher: Catcher, *, is_cut: bool = False) -> float:
    time.sleep(random.uniform(0, LONGEST_PAUSE_SECONDS))
    known = len(catcher.mails)
    with transaction.atomic():
        send_mail("Your code is 1234", "It is valid for ten minutes.", None, ["ann@example.org"])
        if is_cut:
            cut_the_others_off()
    committed_at = time.monotonic()
    while len(catcher.mails) == known:
        if time.monotonic() > committed_at + PATIENCE_SECONDS:
            raise TimeoutError("The mail did not arrive.")
        time.sleep(LOOK_SECONDS)
    return catcher.mails[-1].received_monotonic - committed_at


def cut_the_others_off() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def percentile(measured: list[float], share: int) -> float:
    return quantiles(measured, n=100, method="inclusive")[share - 1] * 1000
