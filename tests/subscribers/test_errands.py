"""Long work for staff: everybody once, whatever happens to the workers."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from subscribers import errands, tasks
from subscribers.errands import Refused, proceed
from subscribers.models import BulkChange, Subscriber, Tag
from subscribers.transfer.progress import errand_progress

pytestmark = pytest.mark.django_db


class Visiting:
    """Tags everybody, which shows who was visited; does as the test says on the way."""

    begun: ClassVar[int] = 0
    visited: ClassVar[list[str]] = []
    on_the_way: ClassVar[Any] = None

    def begin(self, errand: BulkChange) -> None:
        Visiting.begun += 1
        self.tag, _is_new = Tag.objects.get_or_create(name="visited")

    def step(self, errand: BulkChange, people: list[Subscriber]) -> Counter[str]:
        self.tag.subscribers.add(*people)
        Visiting.visited += [person.email for person in people]
        if Visiting.on_the_way:
            Visiting.on_the_way(errand)
        return Counter(visited=len(people))

    def end(self, errand: BulkChange) -> None:
        Visiting.visited.append("end")


@pytest.fixture(autouse=True)
def visiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(errands._works, BulkChange, Visiting)
    monkeypatch.setattr(errands, "PEOPLE", 3)
    Visiting.begun, Visiting.visited, Visiting.on_the_way = 0, [], None


def crowd(number: int = 10) -> list[Subscriber]:
    return [Subscriber.objects.create(email=f"person{at}@example.org") for at in range(number)]


def tagged() -> int:
    return Subscriber.objects.filter(tags__name="visited").count()


def test_everybody_in_the_selection_is_visited_once_and_in_order() -> None:
    people = crowd()
    errand = BulkChange.objects.create(action="tag", selection={"people": [each.pk for each in people[2:9]]})

    more = proceed(errand, seconds=60)

    errand.refresh_from_db()
    assert not more
    assert Visiting.visited == [*(each.email for each in people[2:9]), "end"]
    assert (errand.status, errand.counts, errand.total) == ("done", {"visited": 7}, 7)
    assert errand_progress(errand).percent == 100


def test_whoever_came_after_the_question_is_not_meant() -> None:
    people = crowd(4)
    errand = BulkChange.objects.create(action="tag", selection={"up_to": people[1].pk})

    proceed(errand, seconds=60)

    assert tagged() == 2


def test_a_turn_ends_and_the_next_goes_on_behind_it() -> None:
    first, *_others = crowd()
    # Whichever numbers other tests have used up.
    errand = BulkChange.objects.create(action="tag", cursor=first.pk - 1)

    assert proceed(errand, seconds=0)
    while proceed(errand, seconds=0):
        assert Visiting.begun < 30

    assert Visiting.begun > 1
    assert (tagged(), len(Visiting.visited)) == (10, 11)


def test_numbers_that_nobody_has_are_passed_over_quickly() -> None:
    crowd(2)
    Subscriber.objects.create(pk=5_000_000, email="far@example.org")
    errand = BulkChange.objects.create(action="tag")

    assert not proceed(errand, seconds=20)

    assert tagged() == 3


def test_nobody_works_on_what_another_has_in_hand() -> None:
    crowd()
    errand = BulkChange.objects.create(action="tag", leased_until=timezone.now() + timedelta(seconds=30))

    assert not proceed(errand, seconds=60)
    assert Visiting.begun == 0

    BulkChange.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    proceed(errand, seconds=60)

    assert tagged() == 10


def test_a_worker_that_was_overtaken_changes_nothing() -> None:
    crowd()
    errand = BulkChange.objects.create(action="tag")
    Visiting.on_the_way = lambda found: BulkChange.objects.filter(pk=found.pk).update(cursor=10**9)

    assert not proceed(errand, seconds=60)

    errand.refresh_from_db()
    assert (tagged(), errand.counts, errand.status) == (0, {}, "running")


def test_a_cancelled_errand_stops_within_a_step() -> None:
    crowd()
    errand = BulkChange.objects.create(action="tag")
    Visiting.on_the_way = lambda found: BulkChange.objects.get(pk=found.pk).cancel()

    assert not proceed(errand, seconds=60)

    assert tagged() == 0
    assert "end" not in Visiting.visited


def test_a_failure_is_told_in_words_and_not_tried_for_ever() -> None:
    crowd()
    unknown = BulkChange.objects.create(action="tag", selection={"moon": 1})
    refused, broken = BulkChange.objects.create(action="tag"), BulkChange.objects.create(action="tag")

    def refuse(_errand: BulkChange) -> None:
        raise Refused("The list is gone.")

    proceed(unknown, seconds=60)
    Visiting.on_the_way = refuse
    proceed(refused, seconds=60)
    Visiting.on_the_way = lambda _errand: {}["key"]
    proceed(broken, seconds=60)

    problems = [BulkChange.objects.get(pk=each.pk).problem for each in (unknown, refused, broken)]
    assert problems == [
        "Nobody knows any more whom “moon” means.",
        "The list is gone.",
        "Something unexpected happened. The log of the worker tells more.",
    ]
    assert set(BulkChange.objects.values_list("status", flat=True)) == {"failed"}
    assert tagged() == 0


@pytest.mark.django_db(transaction=True)
def test_a_lost_nudge_is_repeated_and_a_doubled_one_does_nothing() -> None:
    crowd()
    errand = BulkChange.objects.create(action="tag")

    tasks.sweep()
    tasks.sweep()

    assert [row.func() for row in OrmQ.objects.all()] == ["subscribers.tasks.continue_errand"]
    for _time in range(2):
        tasks.continue_errand(*OrmQ.objects.get().task["args"])
    errand.refresh_from_db()
    assert (errand.status, errand.counts) == ("done", {"visited": 10})
