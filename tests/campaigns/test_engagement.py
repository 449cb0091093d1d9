"""Segments may ask what people were sent and what they did with it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Delivery, Edition, Event, Link
from subscribers.models import Subscriber
from subscribers.segments.rules import people
from tests.campaigns.delivery import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    """Sent to Ann, who clicked ten days ago, to Bob, who only opened it, and not to Cho, whose scanner did both."""
    made = scene.start(scene.campaign("Ann", "Bob", "Cho"))
    scene.person("Dilnoza")
    ago = timezone.now() - timedelta(days=10)
    made.deliveries.update(status=Delivery.Status.SENT, finished_at=ago)
    made.deliveries.filter(email="cho@example.org").update(status=Delivery.Status.FAILED)
    Link.objects.create(edition=Edition.objects.get(), number=1, url="https://example.org/Offers?a=1")
    anns = made.deliveries.get(email="ann@example.org")
    Event.objects.create(delivery=anns, kind="clicked", link=1, happened_at=ago)
    bobs = made.deliveries.get(email="bob@example.org")
    Event.objects.create(delivery=bobs, kind="unsubscribed")
    Event.objects.create(delivery=bobs, kind="opened", happened_at=ago)
    for kind, link in (("opened", 0), ("clicked", 1)):
        Event.objects.create(
            delivery=made.deliveries.get(email="cho@example.org"), kind=kind, link=link, is_suspect=True
        )
    return made


def found(fact: str, comparison: str, value: Any = None) -> set[str]:
    rule = {"fact": fact, "is": comparison} | ({} if value is None else {"value": value})
    return set(people(rule).values_list("first_name", flat=True))


def test_who_was_sent_a_campaign(campaign: Campaign) -> None:
    assert found("sent_campaign", "one_of", [campaign.pk]) == {"Ann", "Bob"}
    assert found("sent_campaign", "none_of", [campaign.pk]) == {"Cho", "Dilnoza"}
    assert found("mailed", "last_days", 11) == {"Ann", "Bob"}
    assert found("mailed", "last_days", 9) == set()
    assert found("mailed", "never") == {"Cho", "Dilnoza"}
    assert found("undelivered", "ever") == {"Cho"}


def test_who_clicked(campaign: Campaign) -> None:
    assert found("clicked", "ever") == {"Ann"}
    assert found("clicked", "never") == {"Bob", "Cho", "Dilnoza"}
    assert found("clicked", "before_days", 9) == {"Ann"}
    assert found("clicked_campaign", "one_of", [campaign.pk]) == {"Ann"}
    assert found("clicked_link", "contains", "/offers") == {"Ann"}
    assert found("clicked_link", "is", "https://example.org/") == set()


def test_who_opened_a_mail(campaign: Campaign) -> None:
    assert found("opened", "ever") == {"Bob"}
    assert found("opened", "never") == {"Ann", "Cho", "Dilnoza"}
    assert found("opened", "last_days", 9) == set()
    assert found("opened_campaign", "one_of", [campaign.pk]) == {"Bob"}


def test_both_may_be_asked_at_once(campaign: Campaign) -> None:
    asked = {
        "all": [
            {"fact": "sent_campaign", "is": "one_of", "value": [campaign.pk]},
            {"none": [{"fact": "clicked", "is": "last_days", "value": 30}]},
        ]
    }

    assert [person.first_name for person in people(asked)] == ["Bob"]
    assert Subscriber.objects.count() == 4
