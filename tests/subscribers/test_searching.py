"""Staff find people by any part of their address, name or attributes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from subscribers import searching
from subscribers.models import SearchText, Subscriber

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> None:
    Subscriber.objects.create(email="ann.lee@example.org", first_name="Ann", last_name="Lee")
    Subscriber.objects.create(email="bob@example.com", first_name="Chloé", attributes={"company": "Ørsted & Lee"})
    Subscriber.objects.create(email="dilnoza@mail.test", last_name="Ivanova", attributes={"seats": 4711, "vip": True})


def found(phrase: str) -> set[str]:
    people = Subscriber.objects.all()
    few = {person.email.partition("@")[0] for person in searching.matching(people, phrase)}
    assert few == {person.email.partition("@")[0] for person in searching.everybody_matching(people, phrase)}
    return few


@pytest.mark.parametrize(
    ("phrase", "names"),
    [
        ("ann", {"ann.lee"}),
        ("EXAMPLE", {"ann.lee", "bob"}),
        ("lee", {"ann.lee", "bob"}),
        ("lee ann", {"ann.lee"}),
        ("CHLOE", {"bob"}),
        ("chloé", {"bob"}),
        ("4711", {"dilnoza"}),
        ("anova", {"dilnoza"}),
        ("true", set()),
        ("company", set()),
        ("%", set()),
        ("a_n", set()),
        ("'; drop table", set()),
        ("\0", {"ann.lee", "bob", "dilnoza"}),
    ],
)
def test_a_part_of_any_word_finds_people(people: None, phrase: str, names: set[str]) -> None:
    assert not searching.catch_up(seconds=60)

    assert found(phrase) == names


def test_who_was_just_added_is_found_by_address_and_name(people: None) -> None:
    assert searching.is_behind()
    assert found("ann lee") == {"ann.lee"}

    searching.catch_up(seconds=60)
    Subscriber.objects.create(email="eve@example.net", first_name="Eve")

    assert found("eve") == {"eve"}
    assert found("example.") == {"ann.lee", "bob", "eve"}


def test_a_changed_person_is_found_by_what_is_new(people: None) -> None:
    searching.catch_up(seconds=60)
    bob = Subscriber.objects.get(email="bob@example.com")
    bob.attributes = {"company": "Acme"}
    bob.save()

    searching.catch_up(seconds=60)

    assert not searching.is_behind()
    assert found("acme") == {"bob"}
    assert found("rsted") == set()


def test_who_was_changed_in_a_transaction_that_ended_late_is_found_too(people: None) -> None:
    searching.catch_up(seconds=60)
    late = Subscriber.objects.create(email="late@example.org")
    Subscriber.objects.filter(pk=late.pk).update(updated_at=timezone.now() - timedelta(seconds=90))
    Subscriber.objects.create(email="last@example.org")

    searching.catch_up(seconds=60)

    assert found("late") == {"late"}


def test_writing_texts_goes_on_where_it_was_left(people: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "AT_ONCE", 1)

    assert searching.catch_up(seconds=0)
    assert SearchText.objects.count() == 1
    for _turn in range(3):
        searching.catch_up(seconds=0)

    assert SearchText.objects.count() == 3
    assert found("dilnoza") == {"dilnoza"}


def test_no_text_outlives_its_person(people: None) -> None:
    searching.catch_up(seconds=60)

    Subscriber.objects.get(email="bob@example.com").delete()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM subscribers_subscriber WHERE email = 'dilnoza@mail.test'")

    left = set(SearchText.objects.values_list("pk", flat=True))
    assert left == set(Subscriber.objects.values_list("pk", flat=True))
