"""Signs of life: in the table, on the first page, and for supervisors."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from campaigns.delivery import heartbeats
from campaigns.delivery.pulse import STUCK_SECONDS
from campaigns.management.seats import Seat
from campaigns.models import Heartbeat
from tests.campaigns.admin.desk import words
from tests.clusters import is_complete, kill_all, running, wait_until

pytestmark = pytest.mark.django_db

WORKING = {"workers": 2, "busy": 1, "still_seconds": 0.5, "trouble": ""}


def another_host(silent_for: timedelta = timedelta(), **progress: object) -> Heartbeat:
    return Heartbeat.objects.create(
        name="mail-2:7",
        host="mail-2",
        pid=7,
        ticked_at=timezone.now() - silent_for,
        progress=WORKING | progress,
    )


def test_a_cluster_that_ticks_again_keeps_its_row() -> None:
    began = timezone.now()

    heartbeats.write(began, WORKING)
    heartbeats.write(began, WORKING | {"busy": 2})

    (sign,) = heartbeats.signs()
    assert (sign.heartbeat.pid, sign.busy, sign.is_well) == (os.getpid(), 2, True)
    heartbeats.end()
    assert heartbeats.signs() == []


@pytest.mark.parametrize(
    ("silent_for", "progress", "words"),
    [
        (timedelta(seconds=30), {}, "has been silent for 30 seconds"),
        (timedelta(), {"still_seconds": STUCK_SECONDS + 1}, "has not moved for 121 seconds"),
        (timedelta(), {"trouble": "Redis is away."}, "cannot work: Redis is away."),
    ],
)
def test_a_cluster_that_is_silent_stuck_or_in_trouble_is_not_well(
    silent_for: timedelta, progress: dict[str, object], words: str
) -> None:
    another_host(silent_for, **progress)

    assert not heartbeats.signs()[0].is_well
    with pytest.raises(CommandError, match=words):
        call_command("cluster_health", "--any")


def test_clusters_of_other_hosts_count_only_if_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    another_host()

    with pytest.raises(CommandError, match="No cluster runs on"):
        call_command("cluster_health")

    call_command("cluster_health", "--any")
    assert "mail-2:7 ticked" in capsys.readouterr().out


def test_whoever_is_known_to_be_dead_is_forgotten_and_others_after_a_day() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    long_ago = timezone.now() - timedelta(minutes=1)
    here = {"host": heartbeats.host(), "ticked_at": long_ago}
    Heartbeat.objects.create(name="here:dead", pid=ended.pid, **here)
    Heartbeat.objects.create(name="here:alive", pid=os.getppid(), **here)
    another_host(timedelta(hours=25))
    Heartbeat.objects.create(name="mail-3:7", host="mail-3", pid=7, ticked_at=timezone.now() - timedelta(hours=23))

    heartbeats.forget_dead()

    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"here:alive", "mail-3:7"}


def test_the_first_page_shows_who_is_at_work(admin_client: Client) -> None:
    assert "Nobody is at work" in words(admin_client.get("/admin/"))

    another_host()
    assert "mail-2 since" in (shown := words(admin_client.get("/admin/")))
    assert "1 of 2 at work" in shown

    Heartbeat.objects.update(ticked_at=timezone.now() - timedelta(minutes=1))
    assert "silent last seen" in words(admin_client.get("/admin/"))


def test_a_worker_is_stuck_when_its_lane_does_not_move_or_its_task_takes_too_long() -> None:
    seat = Seat()
    seat.value = 1200
    assert not seat.is_stuck

    seat.pulse.value = time.monotonic() - STUCK_SECONDS - 1
    assert seat.is_stuck

    seat.value = 1200
    assert not seat.is_stuck

    seat.value = 0.01
    time.sleep(0.02)
    assert seat.is_stuck


@pytest.mark.django_db(transaction=True)
def test_supervisors_hear_from_a_cluster_until_it_ends(process_environment: dict[str, str]) -> None:
    def asked() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", "cluster_health", "--within", "2"]
        return subprocess.run(
            command, env=process_environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
        )

    with running(process_environment) as cluster:
        wait_until(lambda: is_complete(cluster) and Heartbeat.objects.exists())
        assert asked().returncode == 0

        kill_all(cluster)
        wait_until(lambda: asked().returncode == 1)
        assert "silent" in asked().stderr

    with running(process_environment) as cluster:
        wait_until(lambda: Heartbeat.objects.filter(pid=cluster.pid).exists())
        cluster.terminate()
        assert cluster.wait(timeout=30) == 0
        assert not Heartbeat.objects.filter(pid=cluster.pid).exists()
