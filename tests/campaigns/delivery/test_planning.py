"""Audiences that several workers write down at the same time."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from campaigns import reports
from campaigns.delivery import canary, plan, snapshot, stretches, undo
from campaigns.models import Batch, Campaign, Delivery, Stretch
from subscribers.models import Subscriber
from tests.campaigns.delivery import scene
from tests.campaigns.delivery.lanes import in_a_thread
from tests.catcher import Catcher
from tests.clusters import wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]

PLAN = "from campaigns.delivery import plan; plan.RANGE = 5; plan.continue_planning(60)"


@pytest.fixture(autouse=True)
def short_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "RANGE", 5)


def started(people: int, **facts: object) -> Campaign:
    made = scene.campaign(*(f"Person{number}" for number in range(people)), **facts)
    plan.start_due()
    made.refresh_from_db()
    return made


@contextmanager
def obstacle(environment: dict[str, str], campaign: Campaign, someone: Subscriber) -> Iterator[None]:
    """Whoever plans for this person waits until the end, because somebody else may just have done it."""
    row = (campaign.pk, someone.pk, timezone.now())
    with psycopg.connect(environment["DATABASE_URL"]) as other:
        other.execute(
            "INSERT INTO campaigns_delivery (campaign_id, subscriber_id, email, status, reason, tries, message_id,"
            " created_at, due_at) VALUES (%s, %s, '', 'queued', '', 0, '', %s, now())",
            row,
        )
        yield
        other.rollback()


@contextmanager
def planner_in_a_process(environment: dict[str, str]) -> Iterator[None]:
    """Killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "-c", PLAN], env=environment, cwd=django_settings.BASE_DIR
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def plan_one_stretch(campaign: Campaign) -> None:
    assert plan.is_frozen(campaign)
    plan.plan_range(campaign)


@contextmanager
def planner_that_has_written(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """One stretch. It has not committed yet, and does when what it gave us is called or at the end."""
    has_written, may_commit, insert = threading.Event(), threading.Event(), snapshot.insert

    def insert_and_wait(*arguments: object) -> int:
        mails = insert(*arguments)
        has_written.set()
        assert may_commit.wait(30)
        return mails

    monkeypatch.setattr(snapshot, "insert", insert_and_wait)
    planner = threading.Thread(target=lambda: in_a_thread(lambda: plan_one_stretch(campaign)))
    planner.start()
    try:
        assert has_written.wait(30)
        yield may_commit.set
    finally:
        may_commit.set()
        planner.join()
        monkeypatch.setattr(snapshot, "insert", insert)


def somebody_waits_for_a_row() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT true FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone() is not None


def test_when_a_planner_is_killed_others_plan_its_people_once(
    catcher: Catcher, process_environment: dict[str, str]
) -> None:
    campaign = started(17)
    seventh = Subscriber.objects.order_by("pk")[6]
    with obstacle(process_environment, campaign, seventh):
        with planner_in_a_process(process_environment):
            # It plans for all but the second five, for whom it has to wait.
            wait_until(lambda: Delivery.objects.count() == 12)
        # PostgreSQL does not know yet that it was killed, so these are still in its hands.
        plan.continue_planning(60)
        campaign.refresh_from_db()
        assert campaign.planned_at is None
        assert Stretch.objects.unplanned().get().numbers[1] == seventh.pk

    wait_until(lambda: plan.continue_planning(60) or Campaign.objects.filter(planned_at__isnull=False).exists())
    scene.send(campaign)

    assert str(reports.ledger(campaign)) == "planned=17 sent=17 failed=0 skipped=0 uncertain=0"
    assert sorted(mail.recipient for mail in catcher.mails) == sorted(
        Subscriber.objects.values_list("email", flat=True)
    )


def test_two_stretches_of_many_people_are_planned_at_once(catcher: Catcher, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign, insert = started(10), snapshot.insert
    both = threading.Barrier(2, timeout=30)

    def insert_together(*arguments: object) -> int:
        both.wait()
        return insert(*arguments)

    monkeypatch.setattr(snapshot, "insert", insert_together)
    scene.start(campaign)

    assert campaign.planned == Delivery.objects.count() == 10
    assert not Stretch.objects.exists()


def test_a_campaign_that_is_taken_back_while_it_is_planned_leaves_nothing_behind(
    catcher: Catcher, monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    settings.UNDO_SECONDS = 60
    campaign = started(12)
    answers: list[bool] = []
    taker = threading.Thread(target=lambda: in_a_thread(lambda: answers.append(undo.stop(campaign))))
    with planner_that_has_written(campaign, monkeypatch) as commit:
        taker.start()
        wait_until(somebody_waits_for_a_row)
        commit()
        taker.join()

    assert answers == [True]
    assert Campaign.objects.get().status == "draft"
    assert not Delivery.objects.exists()
    assert not Batch.objects.exists()
    assert not Stretch.objects.exists()


def test_what_is_planned_while_the_others_are_released_is_not_held(
    catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = started(12)
    Campaign.objects.update(canary=2)
    releaser = threading.Thread(target=lambda: in_a_thread(lambda: canary.release(campaign)))
    with planner_that_has_written(campaign, monkeypatch) as commit:
        releaser.start()
        wait_until(somebody_waits_for_a_row)
        commit()
        releaser.join()

    scene.send(campaign)

    assert campaign.status == "sent"
    assert len(catcher.mails) == 12


def test_nobody_plans_on_for_a_campaign_that_was_cancelled(catcher: Catcher, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign = started(12)
    with planner_that_has_written(campaign, monkeypatch):
        assert Campaign.objects.get().cancel()

    scene.send(campaign)

    assert Delivery.objects.count() == 5
    assert set(Delivery.objects.values_list("status", "reason")) == {("skipped", "cancelled")}
    assert not Stretch.objects.exists()


def test_who_joins_while_an_audience_is_written_down_is_part_of_it(catcher: Catcher) -> None:
    campaign = started(3)
    plan_one_stretch(campaign)
    scene.person("Zoe", campaign.mailing_lists.get())

    scene.start(campaign)

    assert campaign.planned == 4


@pytest.mark.parametrize(("people", "helps"), [(5, False), (6, True)])
def test_a_second_planner_is_called_if_there_is_a_second_stretch(catcher: Catcher, people: int, helps: bool) -> None:
    campaign = started(people)

    assert stretches.lay_out(campaign, plan.RANGE)

    assert stretches.can_be_shared(campaign) == helps
