"""What may happen only so often in a while."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from subscribers.consent import throttles
from subscribers.consent.throttles import Limit
from subscribers.models import Throttle

THRICE = Limit("letter", 3, timedelta(days=1))


@pytest.mark.django_db
def test_it_happens_as_often_as_it_may_and_no_more() -> None:
    answers = [THRICE.allows("ann@example.org") for _time in range(5)]

    assert answers == [True, True, True, False, False]


@pytest.mark.django_db
def test_others_and_other_things_are_counted_apart() -> None:
    once, once_else = Limit("letter", 1, timedelta(days=1)), Limit("call", 1, timedelta(days=1))

    assert [once.allows("ann@example.org"), once.allows("bob@example.org"), once_else.allows("ann@example.org")] == [
        True,
        True,
        True,
    ]
    assert not once.allows("ann@example.org")


@pytest.mark.django_db
def test_when_the_while_is_over_it_begins_anew() -> None:
    assert [THRICE.allows("ann@example.org") for _time in range(4)][-1] is False

    Throttle.objects.update(until=timezone.now() - timedelta(seconds=1))

    assert [THRICE.allows("ann@example.org") for _time in range(4)] == [True, True, True, False]


@pytest.mark.django_db
def test_it_tells_of_nobody_and_is_forgotten() -> None:
    THRICE.allows("ann@example.org")
    assert "ann" not in Throttle.objects.get().key

    assert throttles.forget_expired() == 0
    Throttle.objects.update(until=timezone.now() - timedelta(seconds=1))

    assert throttles.forget_expired() == 1
    assert not Throttle.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_has_not_happened() -> None:
    once = Limit("letter", 1, timedelta(days=1))

    with transaction.atomic():
        assert once.allows("ann@example.org")
        transaction.set_rollback(True)

    assert once.allows("ann@example.org")


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_no_more_than_it_may() -> None:
    def ask(_time: int) -> bool:
        try:
            return THRICE.allows("ann@example.org")
        finally:
            connection.close()

    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(ask, range(200)))

    assert sum(answers) == 3
