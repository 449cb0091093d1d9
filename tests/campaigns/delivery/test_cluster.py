"""The command that runs in the background, as the processes it is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest
from django.conf import settings

from campaigns import reports
from campaigns.models import Campaign, Delivery, Slot
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)

Cluster = subprocess.Popen[bytes]


@contextmanager
def running(environment: dict[str, str]) -> Iterator[Cluster]:
    command = [sys.executable, "manage.py", "qcluster"]
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def cluster(process_environment: dict[str, str]) -> Iterator[Cluster]:
    with running(process_environment) as process:
        yield process


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)


def family(cluster: Cluster) -> list[psutil.Process]:
    return psutil.Process(cluster.pid).children(recursive=True)


def a_long_campaign() -> Campaign:
    return scene.campaign(*(f"Person{number}" for number in range(300)))


def test_a_due_campaign_is_sent_without_any_nudge(catcher: Catcher, cluster: Cluster) -> None:
    campaign = scene.campaign("Ann", "Bob")

    wait_until(lambda: Campaign.objects.get().status == "sent")

    assert len(catcher.mails) == 2
    assert str(reports.ledger(Campaign.objects.get(pk=campaign.pk))) == (
        "planned=2 sent=2 failed=0 skipped=0 uncertain=0"
    )


def test_a_cluster_can_be_nudged_through_redis(
    catcher: Catcher, process_environment: dict[str, str], redis_url: str
) -> None:
    scene.campaign("Ann", "Bob")

    with running(process_environment | {"REDIS_URL": redis_url}) as cluster:
        wait_until(lambda: Campaign.objects.get().status == "sent")
        cluster.terminate()
        assert cluster.wait(timeout=20) == 0

    assert len(catcher.mails) == 2


@pytest.mark.parametrize("whom", ["main process", "process group"])
def test_told_to_stop_it_writes_down_what_it_sent_and_leaves(catcher: Catcher, cluster: Cluster, whom: str) -> None:
    a_long_campaign()
    wait_until(lambda: len(catcher.mails) >= 20)
    children = family(cluster)

    if whom == "main process":
        cluster.terminate()
    else:
        os.killpg(cluster.pid, signal.SIGTERM)

    assert cluster.wait(timeout=20) == 0
    statuses = Counter(Delivery.objects.values_list("status", flat=True))
    assert statuses == {"sent": len(catcher.mails), "queued": 300 - len(catcher.mails)}
    assert not Slot.objects.exclude(owner="").exists()
    assert not any(child.is_running() for child in children)


@pytest.mark.parametrize("relative", ["main process", "guard"])
def test_a_kill_leaves_no_orphans_behind(catcher: Catcher, cluster: Cluster, relative: str) -> None:
    a_long_campaign()
    wait_until(lambda: len(catcher.mails) >= 20)
    children = family(cluster)
    (guard,) = psutil.Process(cluster.pid).children()

    (cluster if relative == "main process" else guard).kill()

    wait_until(lambda: not any(child.is_running() and child.status() != "zombie" for child in children))


def test_the_cluster_goes_on_when_its_guard_is_killed(catcher: Catcher, cluster: Cluster) -> None:
    wait_until(lambda: len(family(cluster)) >= 4)
    (guard,) = psutil.Process(cluster.pid).children()

    guard.kill()
    wait_until(lambda: not guard.is_running())
    scene.campaign("Ann")

    wait_until(lambda: len(catcher.mails) == 1)
    cluster.terminate()
    assert cluster.wait(timeout=20) == 0


def test_the_cluster_goes_on_when_an_idle_worker_is_killed(catcher: Catcher, cluster: Cluster) -> None:
    """The worker that waits for a task holds the lock of the queue."""
    wait_until(lambda: len(family(cluster)) >= 5)
    (guard,) = psutil.Process(cluster.pid).children()

    for worker in guard.children()[:2]:
        worker.kill()
    wait_until(lambda: not guard.is_running())
    scene.campaign("Ann")

    wait_until(lambda: len(catcher.mails) == 1)


def test_nothing_is_lost_or_doubled_when_a_sending_worker_is_killed(
    catcher: Catcher, process_environment: dict[str, str]
) -> None:
    a_long_campaign()

    with running(process_environment | {"LEASE_SECONDS": "5"}) as cluster:
        wait_until(lambda: len(catcher.mails) >= 20)
        (guard,) = psutil.Process(cluster.pid).children()
        guard.children()[0].kill()
        wait_until(lambda: Campaign.objects.get().status == "sent")

    sums = reports.ledger(Campaign.objects.get())
    assert sums.sent + sums.uncertain == sums.planned == 300
    assert sums.uncertain <= settings.HAND_OVER
    assert set(Counter(mail.recipient for mail in catcher.mails).values()) == {1}
