"""A campaign goes to segments, not to others, and to those that they found when it was planned."""

from typing import Any

import pytest

from campaigns import audience, preflight
from campaigns.composition.duplicate import duplicate
from campaigns.delivery import undo
from campaigns.models import Campaign, Delivery
from subscribers.models import Attribute, MailingList, Segment, Subscriber
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db


def segment(name: str, rules: Any) -> Segment:
    return Segment.objects.create(name=name, rules=rules)


def named(*names: str) -> dict[str, Any]:
    return {"any": [{"fact": "first_name", "is": "is", "value": name} for name in names]}


def people(campaign: Campaign) -> set[str]:
    return set(audience.recipients(campaign).values_list("first_name", flat=True))


def test_a_segment_narrows_the_lists_down_and_another_leaves_people_out() -> None:
    campaign = scene.campaign("Ann", "Bob", "Cho")
    scene.person("Dilnoza")
    campaign.segments.add(segment("some", named("Ann", "Bob", "Dilnoza")))
    campaign.excluded_segments.add(segment("not", named("Bob")))

    assert people(campaign) == {"Ann"}
    assert audience.head_count(campaign).mailable == 1


def test_without_a_list_a_segment_means_people_on_any_list() -> None:
    campaign = scene.campaign("Ann", "Bob")
    offers = MailingList.objects.create(name="Offers", label="offers")
    scene.person("Cho", offers)
    scene.person("Dilnoza")
    campaign.mailing_lists.clear()
    campaign.segments.add(segment("some", named("Ann", "Cho", "Dilnoza")))

    assert people(campaign) == {"Ann", "Cho"}
    assert not {"no_list", "nobody"} & {issue.code for issue in preflight.check(campaign)}


def test_an_edit_after_the_start_changes_nothing() -> None:
    campaign = scene.campaign("Ann", "Bob")
    some = segment("some", named("Ann"))
    campaign.segments.add(some)

    scene.start(campaign)
    some.rules = named("Bob")
    some.save()

    campaign.refresh_from_db()
    assert people(campaign) == {"Ann"}
    assert [delivery.email for delivery in campaign.deliveries.all()] == ["ann@example.org"]


def test_who_was_planned_is_mailed_even_if_the_segment_no_longer_finds_them(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob")
    campaign.segments.add(segment("some", named("Ann", "Bob")))
    scene.start(campaign)
    Subscriber.objects.filter(first_name="Ann").update(first_name="Anna")
    Subscriber.objects.get(first_name="Bob").subscriptions.get().end()

    scene.send(campaign)

    found = dict(campaign.deliveries.values_list("email", "status"))
    assert found == {"ann@example.org": Delivery.Status.SENT, "bob@example.org": Delivery.Status.SKIPPED}
    assert campaign.status == Campaign.Status.SENT


def test_a_campaign_taken_back_follows_its_segments_again() -> None:
    campaign = scene.campaign("Ann", "Bob")
    some = segment("some", named("Ann"))
    campaign.segments.add(some)
    scene.start(campaign)
    Campaign.objects.filter(pk=campaign.pk).update(leaves_at="2100-01-01T00:00:00Z")

    assert undo.stop(campaign)
    some.rules = named("Bob")
    some.save()

    campaign = Campaign.objects.get(pk=campaign.pk)
    assert campaign.frozen_segments is None
    assert people(campaign) == {"Bob"}


def test_a_segment_that_cannot_be_read_means_nobody_and_stops_the_campaign() -> None:
    company = Attribute.objects.create(name="company")
    campaign = scene.campaign("Ann")
    rules = {"all": [{"fact": "attribute:company", "is": "is", "value": "Acme"}]}
    campaign.excluded_segments.add(segment("Acme", rules))
    assert people(campaign) == {"Ann"}

    company.delete()
    scene.start(campaign)

    assert people(campaign) == set()
    assert preflight.has_errors(preflight.check(campaign))
    assert campaign.status == Campaign.Status.PAUSED
    assert "Acme" in campaign.pause_reason
    assert not campaign.deliveries.exists()


def test_a_copy_has_the_segments_too_but_nobody_once_one_of_them_is_gone() -> None:
    campaign = scene.campaign("Ann")
    campaign.segments.add(some := segment("some", named("Ann")))
    scene.start(campaign)

    copy = duplicate(campaign, name="Copy", created_by_id=None)
    assert list(copy.segments.all()) == [some]

    some.delete()
    assert people(campaign) == {"Ann"}
    assert people(duplicate(campaign, name="Another", created_by_id=None)) == set()


def test_leaving_by_a_mail_to_a_segment_alone_means_leaving_all_lists(catcher: Catcher, client: Any) -> None:
    campaign = scene.campaign("Ann")
    campaign.mailing_lists.clear()
    campaign.segments.add(segment("some", named("Ann")))
    scene.send(campaign)
    mail = catcher.mails[0].message

    url = mail["List-Unsubscribe"].split(",")[0].strip("<>")
    client.post("/" + url.split("/", 3)[3], {"List-Unsubscribe": "One-Click"})

    assert mail["List-Id"] == "Example <all.example.org>"
    assert Subscriber.objects.get().subscriptions.get().status == "ended"
