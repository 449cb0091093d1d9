"""Clusters as the processes they are: started, watched, found by their role, and killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil
from django.conf import settings

from campaigns.models import Campaign
from subscribers import addresses
from subscribers.models import Subscriber, Subscription

# The issue of a test never depends on it; it ends a test that would never end.
PATIENCE_SECONDS = 60

Cluster = subprocess.Popen[bytes]


@contextmanager
def running(environment: dict[str, str]) -> Iterator[Cluster]:
    process = start(environment)
    try:
        yield process
    finally:
        end(process)


def start(environment: dict[str, str]) -> Cluster:
    """In a session of its own, as a service manager does it."""
    command = [sys.executable, "manage.py", "qcluster"]
    return subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, start_new_session=True)


def end(cluster: Cluster) -> None:
    if cluster.poll() is None:
        kill_all(cluster)
    cluster.wait()


def kill_all(cluster: Cluster) -> None:
    with suppress(ProcessLookupError):
        os.killpg(cluster.pid, signal.SIGKILL)


def family(cluster: Cluster) -> list[psutil.Process]:
    """Everybody but the main process."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(cluster.pid).children(recursive=True)
    return []


def those(cluster: Cluster, role: str) -> list[psutil.Process]:
    """The living members of the family in this role: guard, worker, monitor, pusher."""
    found = []
    for process in family(cluster):
        with suppress(psutil.NoSuchProcess):
            if process.name() == role and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def is_complete(cluster: Cluster) -> bool:
    return all(those(cluster, role) for role in ("guard", "worker", "monitor", "pusher"))


def is_talking_to(process: psutil.Process, port: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return any(wire.raddr and wire.raddr.port == port for wire in process.net_connections("tcp"))
    return False


def is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def wait_until(happened: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)


def enrol_a_crowd(campaign: Campaign, people: int, languages: tuple[str, ...] = ("en",)) -> None:
    """reader0@example.org and so on, on the list of the campaign."""
    mailing_list = campaign.mailing_lists.get()
    crowd = [
        Subscriber(
            email=f"reader{number}@example.org",
            fingerprint=addresses.fingerprint(f"reader{number}@example.org"),
            first_name=f"Reader {number}",
            language=languages[number % len(languages)],
        )
        for number in range(people)
    ]
    Subscriber.objects.bulk_create(crowd, batch_size=2000)
    Subscription.objects.bulk_create(
        [Subscription(subscriber=one, mailing_list=mailing_list, status="active") for one in crowd], batch_size=2000
    )
