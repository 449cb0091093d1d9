"""A burst of clicks at a web process as it is deployed: none is lost when it is stopped, few when it is killed."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPException

import pytest
from django.conf import settings
from django.utils import timezone

from campaigns.models import Delivery, Edition, Event, Hits, Link
from campaigns.signing import Counted
from subscribers.models import MailingList, Subscriber
from subscribers.signing import Purpose, sign
from tests.campaigns.delivery import scene
from tests.clusters import enrol_a_crowd, wait_until
from tests.deploy import compose
from tests.services import free_port

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("servers"),
]

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
# What waits is written within a tenth of a second, and writing it takes a moment.
MOST_LOST_SECONDS = 0.25


@dataclass
class Site:
    process: subprocess.Popen[bytes]
    port: int

    def open(self, path: str) -> int:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path, headers=BROWSER)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def is_up(self) -> bool:
        try:
            return self.open("/healthz") == 200
        except (OSError, HTTPException):
            return False


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[Site]:
    """As docker-compose.yml does it, in a session of its own."""
    port = free_port()
    command = compose.command("web", {"0.0.0.0:8000": f"127.0.0.1:{port}"})
    command += ["--log-level", "warning"]
    process = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, start_new_session=True)
    site = Site(process, port)
    try:
        wait_until(site.is_up)
        yield site
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def edition() -> Edition:
    """With a mail to each of a thousand people."""
    campaign = scene.campaign("Ann")
    enrol_a_crowd(campaign, 999)
    MailingList.objects.update(tracking="person")
    scene.start(campaign)
    Delivery.objects.update(status=Delivery.Status.SENT, finished_at=timezone.now() - timedelta(hours=1))
    Subscriber.objects.update(may_track=True)
    edition = campaign.editions.get()
    for number in (1, 2):
        Link.objects.create(edition=edition, number=number, url=f"https://example.com/{number}")
    return edition


def clicks(edition: Edition) -> list[str]:
    numbers = Delivery.objects.order_by("pk").values_list("pk", flat=True)
    return [f"/c/{sign(Purpose.CLICK, Counted(edition.pk, number).number)}/1" for number in numbers]


def of_nobody(edition: Edition, link: int) -> str:
    return f"/c/{sign(Purpose.CLICK, Counted(edition.pk, 0).number)}/{link}"


def test_a_process_that_is_stopped_loses_no_click(process_environment: dict[str, str], edition: Edition) -> None:
    with serving(process_environment) as site, ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(site.open, [*clicks(edition), *[of_nobody(edition, 2)] * 300]))
        site.process.send_signal(signal.SIGTERM)
        site.process.wait(30)

    assert set(answers) == {302}
    assert Event.objects.filter(kind="clicked", link=1, is_suspect=False).count() == 1000
    assert sum(Hits.objects.filter(link=2).values_list("number", flat=True)) == 300


@pytest.mark.alone
def test_a_process_that_is_killed_loses_only_the_last_moment(
    process_environment: dict[str, str], edition: Edition
) -> None:
    opened: list[tuple[float, str]] = []

    def click(path: str) -> None:
        try:
            if site.open(path) == 302:
                opened.append((time.monotonic(), path))
        except (OSError, HTTPException):
            # Whoever comes when it is gone.
            return

    with serving(process_environment) as site, ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(click, path) for path in clicks(edition)]
        wait_until(lambda: len(opened) > 300)
        killed_at = time.monotonic()
        os.killpg(site.process.pid, signal.SIGKILL)
        for each in asked:
            each.result()

    counted = set(Event.objects.values_list("delivery", flat=True))
    numbers = dict(zip(clicks(edition), Delivery.objects.order_by("pk").values_list("pk", flat=True), strict=True))
    lost = [at for at, path in opened if numbers[path] not in counted]
    assert len(opened) > 300
    assert [at for at in lost if at < killed_at - MOST_LOST_SECONDS] == []
