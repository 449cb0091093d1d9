"""Ten workers in a row are killed in the middle of an import, and others in the middle of undoing it."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from django.utils import timezone

from subscribers.models import ConsentRecord, Import, ImportIssue, MailingList, Subscriber, Subscription, Suppression
from tests.subscribers.transfer.files import receive

ROWS = 6_000
KILLS = 10
# Small chunks, so that there is a middle; one worker must not be done before it is killed.
PROGRAM = (
    "import django; django.setup(); from subscribers import tasks; from subscribers.transfer import importing; "
    "importing.CHUNK = 50; tasks.continue_import({})"
)
KNOWN = {"person7@example.org": "Anna", "person4321@example.org": ""}


def address_book() -> bytes:
    """Every kind of row; who repeats whom stands far apart."""
    lines = ["Email,First name,Company"]
    for at in range(ROWS):
        match at % 100:
            case 97:
                lines.append(f"person{at}.example.org,Bob,")
            case 98:
                lines.append(f"Person{at // 2 // 100 * 100}@Example.org,Ann again,")
            case 99:
                lines.append(f"left{at}@example.org,Dilnoza,Acme")
            case _:
                lines.append(f"person{at}@example.org,Chloé {at},Example & Sons")
    return "\n".join(lines).encode()


def prepare(news: MailingList) -> None:
    for email, name in KNOWN.items():
        Subscriber.objects.create(email=email, first_name=name)
    Suppression.objects.add("person99@example.org", "complained")
    for at in range(99, ROWS, 200):
        person = Subscriber.objects.create(email=f"left{at}@example.org")
        Subscription.objects.create(subscriber=person, mailing_list=news, status="ended")


def clear() -> None:
    for model in (Subscriber, ConsentRecord._base_manager.model, Import, Suppression):
        model._base_manager.all().delete()


def state() -> dict[str, list[tuple[object, ...]]]:
    """Everything but keys and times."""
    people = Subscriber.objects.values_list("email", "first_name", "attributes__company")
    links = Subscription.objects.values_list("subscriber__email", "mailing_list__label", "status")
    consent = ConsentRecord.objects.values_list("subscriber__email", "mailing_list__label", "action", "statement")
    issues = ImportIssue.objects.values_list("row", "reason", "message", "is_rejected")
    return {
        "people": sorted(people),
        "links": sorted(links),
        "consent": sorted(consent, key=str),
        "issues": sorted(issues),
        "counts": sorted(Import.objects.get().counts.items()),
    }


def begin(news: MailingList) -> Import:
    received = receive(address_book(), news, name="people.csv", existing="overwrite")
    Import.objects.filter(pk=received.pk).update(status=Import.Status.CHECKED)
    received.refresh_from_db()
    assert received.run()
    return received


def working(started: Import, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    Import.objects.filter(pk=started.pk).update(leased_until=timezone.now())
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(started.pk)], env=environment, stderr=subprocess.DEVNULL
    )


def wait_for(done: Callable[[], bool], worker: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 120
    while not done() and worker.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.01)


def finish(started: Import, environment: dict[str, str]) -> None:
    worker = working(started, environment)
    assert worker.wait(timeout=300) == 0


def progress_of(started: Import) -> int:
    return Import.objects.get(pk=started.pk).cursor


def undone(started: Import) -> int:
    return started.journal.filter(undone__isnull=False).count()


@pytest.mark.django_db(transaction=True)
def test_ten_killed_workers_change_nothing_about_the_end(
    news: MailingList, process_environment: dict[str, str], media: object
) -> None:
    chance = random.Random(1608)
    environment = process_environment | {"DEBUG": "true", "MEDIA_ROOT": str(media)}
    prepare(news)
    finish(begin(news), environment)
    undisturbed = state()
    assert Import.objects.get().status == "done"
    clear()
    prepare(news)
    before = sorted(Subscriber.objects.values_list("email", "first_name", "updated_at"))

    started = begin(news)
    kills = 0
    for number in range(1, KILLS + 1):
        goal = number * ROWS // (KILLS + 2) + chance.randrange(ROWS // 40)
        worker = working(started, environment)
        wait_for(lambda goal=goal: progress_of(started) >= goal, worker)
        time.sleep(chance.random() / 20)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        kills += Import.objects.get().status == "running"
    finish(started, environment)

    assert kills == KILLS
    assert state() == undisturbed

    started.refresh_from_db()
    assert started.undo()
    commits = started.journal.count()
    for number in (1, 2, 3):
        worker = working(started, environment)
        wait_for(lambda goal=number * commits // 5: undone(started) >= goal, worker)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    assert 0 < undone(started) < commits
    finish(started, environment)

    assert Import.objects.get().status == "undone"
    assert sorted(Subscriber.objects.values_list("email", "first_name", "updated_at")) == before
    assert not Subscription.objects.exclude(status="ended").exists()
