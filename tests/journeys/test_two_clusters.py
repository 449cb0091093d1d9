"""A big campaign under a limit, two clusters of real processes, and one of them is killed on the way."""

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
from campaigns.models import Campaign, Delivery, Transport
from subscribers import addresses
from subscribers.models import MailingList, Subscriber, Subscription
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]

LANGUAGES = ("en", "de", "ar", "ja")
PEOPLE, LIMIT_PER_HOUR, HOUR_SECONDS = 10_000, 3_600, 20
HAND_OVER = 16
CONNECTIONS = 4
PATIENCE_SECONDS = 240


def test_a_limit_holds_and_nobody_is_lost_or_mailed_twice_when_a_cluster_is_killed(
    catcher: Catcher, process_environment: dict[str, str]
) -> None:
    a_campaign_for_many()
    environment = process_environment | {
        "LIMIT_WINDOW_SECONDS": str(HOUR_SECONDS),
        "LEASE_SECONDS": "5",
        "HAND_OVER": str(HAND_OVER),
    }

    with cluster(environment) as doomed, cluster(environment) as survivor:
        wait_until(lambda: len(catcher.mails) >= PEOPLE // 3)
        family = [process.pid for process in psutil.Process(doomed.pid).children(recursive=True)]
        os.killpg(doomed.pid, signal.SIGKILL)
        wait_until(lambda: Campaign.objects.get().status == Campaign.Status.SENT)
        survivor.terminate()
        assert survivor.wait(timeout=20) == 0

    sums = reports.ledger(Campaign.objects.get())
    assert sums.planned == PEOPLE
    assert sums.adds_up
    assert sums.sent + sums.uncertain == PEOPLE
    assert sums.uncertain <= CONNECTIONS * HAND_OVER
    mails = Counter(mail.recipient for mail in catcher.mails)
    assert max(mails.values()) == 1
    assert named("sent") <= mails.keys()
    assert mails.keys() <= named("sent") | named("uncertain")
    assert not any(psutil.pid_exists(pid) for pid in family)
    assert most_in_a_window([mail.received_monotonic for mail in catcher.mails]) <= LIMIT_PER_HOUR


def a_campaign_for_many() -> None:
    campaign = scene.campaign(languages=LANGUAGES, limit_per_hour=LIMIT_PER_HOUR)
    Transport.objects.update(connections=CONNECTIONS)
    enrol(campaign.mailing_lists.get())


def enrol(mailing_list: MailingList) -> None:
    people = [
        Subscriber(
            email=f"reader{number}@example.org",
            fingerprint=addresses.fingerprint(f"reader{number}@example.org"),
            first_name=f"Reader {number}",
            language=LANGUAGES[number % len(LANGUAGES)],
        )
        for number in range(PEOPLE)
    ]
    Subscriber.objects.bulk_create(people, batch_size=2000)
    Subscription.objects.bulk_create(
        [Subscription(subscriber=one, mailing_list=mailing_list, status="active") for one in people], batch_size=2000
    )


@contextmanager
def cluster(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "manage.py", "qcluster"]
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, start_new_session=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.2)


def named(status: str) -> set[str]:
    return set(Delivery.objects.filter(status=status).values_list("email", flat=True))


def most_in_a_window(times: list[float]) -> int:
    """The fullest window of an hour's length, wherever it begins."""
    times, most, first = sorted(times), 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - HOUR_SECONDS:
            first += 1
        most = max(most, last - first + 1)
    return most
