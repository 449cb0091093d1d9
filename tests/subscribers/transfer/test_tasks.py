"""Nudges may be lost and workers may be killed: imports finish all the same."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from subscribers import tasks
from subscribers.models import ConsentRecord, Import, MailingList, Subscriber
from tests.subscribers.transfer.files import check, finish, receive, workbook


def queued() -> list[tuple[str, int]]:
    return [(row.func(), row.task["args"][0]) for row in OrmQ.objects.order_by("id")]


@pytest.mark.django_db(transaction=True)
def test_an_import_that_nobody_attends_is_asked_for_once_in_a_while(news: MailingList) -> None:
    received = receive(workbook(["Email"], ["ann@example.org"]), news)
    assert received.check_again()

    tasks.sweep()
    tasks.sweep()

    assert queued() == [("subscribers.tasks.continue_import", received.pk)]
    Import.objects.update(nudged_at=timezone.now() - tasks.NUDGE_AGAIN)
    tasks.sweep()
    assert len(queued()) == 2


@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_being_worked_on_is_left_alone(news: MailingList) -> None:
    received = receive(workbook(["Email"], ["ann@example.org"]), news)
    assert received.check_again()
    Import.objects.update(leased_until=timezone.now() + timedelta(seconds=5))

    tasks.sweep()

    assert queued() == []


@pytest.mark.django_db(transaction=True)
def test_a_task_that_runs_twice_or_late_does_nothing_more(news: MailingList) -> None:
    received = receive(workbook(["Email"], ["ann@example.org"]), news)
    assert received.check_again()

    for _ in range(3):
        tasks.continue_import(received.pk)
    assert Import.objects.get().run()
    for _ in range(3):
        tasks.continue_import(received.pk)
    tasks.continue_import(received.pk + 1)

    assert Import.objects.get().counts == {"new": 1, "enrolled": 1}
    assert ConsentRecord.objects.count() == 1


@pytest.mark.django_db
def test_the_file_of_an_import_that_is_over_does_not_stay(news: MailingList) -> None:
    received = receive(workbook(["Email"], ["ann@example.org"]), news)
    stored = received.file.storage
    name = received.file.name
    assert received.cancel()

    tasks.sweep()

    assert not stored.exists(name)
    assert Import.objects.get().file.name == ""


@pytest.mark.django_db
def test_a_failure_is_told_and_not_tried_for_ever(news: MailingList) -> None:
    received = receive(workbook(["Email"], ["ann@example.org"]), news)
    assert received.check_again()
    Path(received.file.path).write_bytes(b"<html>")

    finish(received)

    assert (received.status, received.file.name) == ("failed", "")
    assert "web page" in received.problem


def until(done: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_nothing_and_doubles_nothing(
    news: MailingList, process_environment: dict[str, str], media: object
) -> None:
    people = [[f"person{at}@example.org", f"Ann {at}"] for at in range(4000)]
    checked = check(receive(workbook(["Email", "First name"], *people), news))
    assert checked.run()
    program = "import django; django.setup(); from subscribers import tasks; "
    program += f"from subscribers.transfer import importing; importing.CHUNK = 100; tasks.continue_import({checked.pk})"
    worker = subprocess.Popen(
        [sys.executable, "-c", program],
        env=process_environment | {"DEBUG": "true", "MEDIA_ROOT": str(media)},
        stderr=subprocess.DEVNULL,
    )

    until(lambda: Import.objects.get().cursor > 0, seconds=60)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()

    interrupted = Import.objects.get()
    assert interrupted.status == "running"
    assert Subscriber.objects.count() == interrupted.cursor == interrupted.counts["new"] < 4000
    assert not finish(interrupted).is_over
    Import.objects.update(leased_until=timezone.now())
    assert finish(interrupted).counts == {"new": 4000, "enrolled": 4000}
    assert Subscriber.objects.count() == ConsentRecord.objects.count() == 4000
