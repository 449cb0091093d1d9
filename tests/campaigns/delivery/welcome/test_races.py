"""Many join, and welcome mails take each other's place, at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from campaigns.delivery import welcome
from campaigns.models import Campaign
from subscribers.models import MailingList, Subscriber
from tests.campaigns.delivery import scene
from tests.campaigns.delivery.welcome.moves import draft, join, sums, work
from tests.catcher import Catcher


def at_once(*acts: object) -> list[object]:
    barrier = Barrier(len(acts))

    def do(act: object) -> object:
        barrier.wait()
        try:
            return act()  # type: ignore[operator]
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


@pytest.mark.django_db(transaction=True)
def test_of_two_confirmations_at_once_one_welcomes(catcher: Catcher) -> None:
    news = MailingList.objects.create(name="News", label="news")
    greeting = draft(news)
    assert welcome.switch_on(greeting)
    ann = scene.person("Ann")

    for _round in range(5):
        at_once(*[lambda: join(Subscriber.objects.get(pk=ann.pk), news)] * 4)
    work()

    assert len(catcher.mails) == 1
    assert sums(greeting) == "sending: planned=1 sent=1 failed=0 skipped=0 uncertain=0"


@pytest.mark.django_db(transaction=True)
def test_of_two_that_are_switched_on_while_people_join_one_is_on_and_all_are_welcomed(catcher: Catcher) -> None:
    news = MailingList.objects.create(name="News", label="news")
    first, *others = [draft(news, words) for words in ("First", "Second", "Third")]
    assert welcome.switch_on(first)
    people = [scene.person(name) for name in ("Ann", "Bob", "Carl", "Dilnoza")]

    at_once(
        *[lambda other=other: welcome.switch_on(other) for other in others],
        *[lambda person=person: join(person, news) for person in people],
    )
    work()

    assert sorted(mail.recipient for mail in catcher.mails) == [person.email for person in people]
    assert Campaign.objects.welcoming().count() == 1
    for campaign in Campaign.objects.all():
        assert sums(campaign)
