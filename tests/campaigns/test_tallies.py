"""What the first page would have to count for seconds is counted beforehand."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaigns import reports, tallies, tasks
from campaigns.models import Tally
from subscribers.models import MailingList, Subscription
from tests.campaigns.admin.desk import words
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "MANY", 1)


@pytest.fixture
def news() -> MailingList:
    news = MailingList.objects.create(name="News", label="news")
    for name in ("Ann", "Bob", "Chloé"):
        scene.person(name, news)
    Subscription.objects.filter(subscriber__first_name="Bob").update(status="ended", ended_at=timezone.now())
    return news


def test_what_a_worker_counted_is_what_anybody_would_count(many: None, news: MailingList) -> None:
    live = tallies.people()

    tasks.count_ahead()
    kept = tallies.people()

    assert kept.as_of == Tally.objects.get().counted_at
    assert replace(kept, as_of=None) == live
    assert (live.number, live.active, live.joined.total(), live.left.total()) == (3, {news.pk: 2}, 3, 1)


def test_the_first_page_counts_nobody_and_says_since_when(many: None, news: MailingList, admin_client: Client) -> None:
    tasks.count_ahead()
    scene.person("Dilnoza", news)

    answer = admin_client.get("/admin/")

    assert answer.context["people"] == 3
    assert "counted at" in words(answer)


def test_a_few_people_are_counted_when_somebody_looks(news: MailingList, admin_client: Client) -> None:
    tasks.count_ahead()

    assert not Tally.objects.exists()
    assert "counted at" not in words(admin_client.get("/admin/"))


def test_without_a_worker_nobody_trusts_what_was_counted_long_ago(many: None, news: MailingList) -> None:
    tasks.count_ahead()
    scene.person("Dilnoza", news)
    Tally.objects.update(counted_at=timezone.now() - timedelta(hours=2))

    assert tallies.people().number == 4
    tasks.count_ahead()
    assert Tally.objects.get().numbers["number"] == 4


def test_what_took_long_is_not_counted_again_soon(many: None, news: MailingList) -> None:
    tasks.count_ahead()
    Tally.objects.update(took=timedelta(seconds=10))
    scene.person("Dilnoza", news)

    tasks.count_ahead()

    assert Tally.objects.get().numbers["number"] == 3


def test_the_sum_of_a_large_campaign_is_kept_once_nothing_can_happen_to_it(many: None, catcher: Catcher) -> None:
    campaign = scene.send(scene.campaign("Ann", "Bob"))
    campaign.deliveries.filter(email="bob@example.org").update(status="uncertain")
    tasks.count_ahead()
    assert not Tally.objects.filter(name=f"campaign:{campaign.pk}").exists()
    campaign.deliveries.filter(email="bob@example.org").update(status="failed")

    tasks.count_ahead()

    assert Tally.objects.get(name=f"campaign:{campaign.pk}").numbers["failed"] == 1
    assert tallies.ledger(campaign) == reports.ledger(campaign)
