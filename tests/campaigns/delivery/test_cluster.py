"""The command that runs in the background, as the processes it is."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator

import psutil
import pytest
from django.conf import settings
from django.db import transaction

from campaigns import reports
from campaigns.models import Campaign, Delivery, Slot, Transport
from tests.campaigns.delivery import scene
from tests.catcher import Catcher
from tests.clusters import (
    Cluster,
    enrol_a_crowd,
    family,
    is_alive,
    is_complete,
    is_talking_to,
    kill_all,
    running,
    those,
    wait_until,
)

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 1000


@pytest.fixture(params=["database", "redis"])
def environment(request: pytest.FixtureRequest, process_environment: dict[str, str]) -> dict[str, str]:
    """The queue of django-q2 lives in the database or in Redis."""
    queue = {"REDIS_URL": request.getfixturevalue("redis_url")} if request.param == "redis" else {}
    return process_environment | {"LEASE_SECONDS": "5"} | queue


@pytest.fixture
def cluster(environment: dict[str, str]) -> Iterator[Cluster]:
    with running(environment) as process:
        wait_until(lambda: is_complete(process))
        yield process


def a_long_campaign() -> Campaign:
    # A cluster sees it when everybody is on its list.
    with transaction.atomic():
        campaign = scene.campaign()
        enrol_a_crowd(campaign, CROWD)
    return campaign


def stops_cleanly(cluster: Cluster) -> bool:
    members = family(cluster)
    cluster.terminate()
    return cluster.wait(timeout=30) == 0 and not any(is_alive(member) for member in members)


def test_a_due_campaign_is_sent_without_any_nudge(catcher: Catcher, cluster: Cluster) -> None:
    campaign = scene.campaign("Ann", "Bob")

    wait_until(lambda: Campaign.objects.get().status == "sent")

    assert len(catcher.mails) == 2
    assert str(reports.ledger(Campaign.objects.get(pk=campaign.pk))) == (
        "planned=2 sent=2 failed=0 skipped=0 uncertain=0"
    )
    assert stops_cleanly(cluster)


@pytest.mark.parametrize("role", ["worker", "pusher", "monitor", "guard"])
def test_the_cluster_goes_on_whoever_of_it_is_killed(catcher: Catcher, cluster: Cluster, role: str) -> None:
    """An idle worker holds the lock of the queue; without the monitor nothing is ever acknowledged."""
    doomed = those(cluster, role)

    for process in doomed:
        process.kill()
    wait_until(lambda: not any(is_alive(process) for process in doomed))
    scene.campaign("Ann")

    wait_until(lambda: Campaign.objects.get().status == "sent")
    assert len(catcher.mails) == 1
    wait_until(lambda: is_complete(cluster) and len(those(cluster, "guard")) == 1)
    assert stops_cleanly(cluster)


def test_the_cluster_goes_on_when_its_guard_hangs(catcher: Catcher, cluster: Cluster) -> None:
    (guard,) = those(cluster, "guard")

    guard.suspend()
    wait_until(lambda: not is_alive(guard))
    scene.campaign("Ann")

    wait_until(lambda: Campaign.objects.get().status == "sent")
    assert len(catcher.mails) == 1
    assert stops_cleanly(cluster)


def test_a_cluster_that_was_suspended_as_a_whole_blames_nobody(catcher: Catcher, cluster: Cluster) -> None:
    (guard,) = those(cluster, "guard")
    everybody = [psutil.Process(cluster.pid), *family(cluster)]

    for process in everybody:
        process.suspend()
    wait_until(lambda: all(process.status() == "stopped" for process in everybody))
    for process in reversed(everybody):
        process.resume()
    scene.campaign("Ann")

    wait_until(lambda: Campaign.objects.get().status == "sent")
    assert those(cluster, "guard") == [guard]


@pytest.mark.parametrize("role", ["worker", "pusher", "monitor", "guard"])
def test_nothing_is_lost_or_doubled_when_one_is_killed_while_mails_leave(
    catcher: Catcher, cluster: Cluster, role: str
) -> None:
    a_long_campaign()
    wait_until(lambda: len(catcher.mails) >= 20)
    doomed = [one for one in those(cluster, role) if role != "worker" or is_talking_to(one, catcher.port)]

    doomed[0].kill()

    wait_until(lambda: Campaign.objects.get().status == "sent")
    everybody_got_one_mail_or_is_in_doubt(catcher)
    assert stops_cleanly(cluster)


@pytest.mark.parametrize("kill", [Cluster.kill, kill_all], ids=["main process", "everybody"])
def test_a_killed_cluster_leaves_no_orphans_and_another_goes_on(
    catcher: Catcher, cluster: Cluster, environment: dict[str, str], kill: Callable[[Cluster], None]
) -> None:
    a_long_campaign()
    wait_until(lambda: len(catcher.mails) >= 20)
    members = family(cluster)

    kill(cluster)
    wait_until(lambda: not any(is_alive(member) for member in members))
    with running(environment) as another:
        wait_until(lambda: Campaign.objects.get().status == "sent")
        assert stops_cleanly(another)

    everybody_got_one_mail_or_is_in_doubt(catcher)


@pytest.mark.parametrize("whom", ["main process", "process group"])
def test_told_to_stop_it_writes_down_what_it_sent_and_leaves(catcher: Catcher, cluster: Cluster, whom: str) -> None:
    a_long_campaign()
    wait_until(lambda: len(catcher.mails) >= 20)
    members = family(cluster)

    if whom == "main process":
        cluster.terminate()
    else:
        os.killpg(cluster.pid, signal.SIGTERM)

    assert cluster.wait(timeout=30) == 0
    statuses = Counter(Delivery.objects.values_list("status", flat=True))
    assert statuses == {"sent": len(catcher.mails), "queued": CROWD - len(catcher.mails)}
    assert not Slot.objects.exclude(owner="").exists()
    assert not any(is_alive(member) for member in members)


@pytest.mark.parametrize("role", ["worker", "pusher", "monitor", "guard"])
def test_it_can_be_stopped_when_one_was_killed_a_moment_before(cluster: Cluster, role: str) -> None:
    those(cluster, role)[0].kill()

    assert stops_cleanly(cluster)


def everybody_got_one_mail_or_is_in_doubt(catcher: Catcher) -> None:
    sums = reports.ledger(Campaign.objects.get())
    assert sums.sent + sums.uncertain == sums.planned == CROWD
    assert sums.uncertain <= Transport.objects.get().connections * settings.HAND_OVER
    mails = Counter(mail.recipient for mail in catcher.mails)
    assert set(mails.values()) == {1}
    assert mails.keys() >= set(Delivery.objects.filter(status="sent").values_list("email", flat=True))
