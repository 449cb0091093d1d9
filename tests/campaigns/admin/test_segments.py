"""A campaign goes to those whom staff confirmed, also when its segments are edited meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from campaigns.models import Campaign
from subscribers.models import MailingList, Segment
from tests.campaigns.admin.desk import page, staff, status, words
from tests.campaigns.delivery import scene

pytestmark = pytest.mark.django_db
NOW = {"when": "now", "at": "", "time_zone": "UTC"}


@pytest.fixture
def client(admin_user: User) -> Client:
    client = Client()
    client.force_login(admin_user)
    return client


@pytest.fixture
def campaign() -> Campaign:
    return scene.campaign("Ann", "Bob", "Cho")


def segment(*names: str) -> Segment:
    return Segment.objects.create(name="Chosen", rules=rules(*names))


def rules(*names: str) -> dict[str, Any]:
    return {"any": [{"fact": "first_name", "is": "is", "value": name} for name in names]}


def address(chosen: Segment) -> str:
    return f"/admin/subscribers/segment/{chosen.pk}/change/"


def rewrite(client: Client, chosen: Segment, *names: str, **fields: str) -> str:
    """Save it with other names; what the page then says."""
    form = {"name": chosen.name, "description": "", "rule.group": "any"} | fields
    for at, name in enumerate(names):
        form |= {f"rule.{at}.fact": "first_name", f"rule.{at}.is": "is", f"rule.{at}.value": name}
    return words(client.post(address(chosen), form, follow=True))


# What a scheduled campaign makes of it.


def test_whoever_edits_a_segment_reads_which_scheduled_campaign_goes_by_it(client: Client, campaign: Campaign) -> None:
    chosen = segment("Ann")
    campaign.segments.add(chosen)

    scheduled = words(client.get(address(chosen)))
    campaign.unschedule()
    draft = words(client.get(address(chosen)))

    assert "May It is scheduled for" in scheduled
    assert "who gets it is counted when it starts" in scheduled
    assert "It is scheduled for" not in draft


@pytest.mark.parametrize("relation", ["segments", "excluded_segments"])
def test_a_scheduled_campaign_that_would_go_to_others_has_to_be_confirmed_again(
    client: Client, campaign: Campaign, relation: str, django_capture_on_commit_callbacks: Any
) -> None:
    User.objects.create_superuser("chloe", "chloe@example.com")
    chosen = segment("Ann")
    getattr(campaign, relation).add(chosen)

    with django_capture_on_commit_callbacks(execute=True):
        said = rewrite(client, chosen, "Ann", "Bob")

    before, now = (1, 2) if relation == "segments" else (2, 1)
    assert status(campaign) == "draft"
    assert "“May” is a draft again and has to be confirmed." in said
    assert f"{before} before, {now} now" in said
    entries = LogEntry.objects.filter(content_type__model="campaign", object_id=campaign.pk)
    assert f"{before} before, {now} now" in entries.get().change_message
    told = next(message for message in mail.outbox if message.to == ["chloe@example.com"])
    assert told.subject == "“May” must be confirmed again"
    assert f"/admin/campaigns/campaign/{campaign.pk}/change/" in told.body
    assert f"{before} before, {now} now" in told.alternatives[0].content


def test_as_many_people_who_are_others_have_to_be_confirmed_too(client: Client, campaign: Campaign) -> None:
    chosen = segment("Ann")
    campaign.segments.add(chosen)

    said = rewrite(client, chosen, "Bob")

    assert status(campaign) == "draft"
    assert "as many people as before, but to others" in said


def test_other_words_for_the_same_people_change_nothing(client: Client, campaign: Campaign) -> None:
    chosen = segment("Ann")
    campaign.segments.add(chosen)

    rewrite(client, chosen, "Ann", "Nobody")
    said = rewrite(client, chosen, "Ann", "Nobody", name="Those with a name")

    chosen.refresh_from_db()
    assert (status(campaign), chosen.rules, chosen.name) == ("scheduled", rules("Ann", "Nobody"), "Those with a name")
    assert "is a draft again" not in said


def test_a_campaign_that_has_started_goes_on(client: Client, campaign: Campaign) -> None:
    chosen = segment("Ann")
    campaign.segments.add(chosen)
    scene.start(campaign)

    rewrite(client, chosen, "Bob")

    assert status(campaign) == "sending"
    assert [delivery.email for delivery in campaign.deliveries.all()] == ["ann@example.org"]


# What staff confirm.


def test_the_question_names_lists_segments_and_exclusions_in_words(campaign: Campaign) -> None:
    campaign.unschedule()
    campaign.segments.add(segment("Ann", "Bob"))
    without = Segment.objects.create(name="Not them", rules=rules("Bob"))
    campaign.excluded_segments.add(without)
    campaign.excluded_lists.add(MailingList.objects.create(name="Press", label="press"))

    asked = words(staff("send_campaign").post(page(campaign, "schedule"), NOW))

    assert "Send “May” to 1 person now?" in asked
    assert "Goes to News" in asked
    assert "Of them, only the segments Chosen · 2 people first name is “Ann” or first name is “Bob”" in asked
    assert "But not to Press Not them · 1 person first name is “Bob”" in asked


def test_without_a_list_the_question_says_that_any_will_do(campaign: Campaign) -> None:
    campaign.unschedule()
    campaign.mailing_lists.clear()
    campaign.segments.add(segment("Ann"))

    assert "Goes to Everybody on any list" in words(staff("send_campaign").post(page(campaign, "schedule"), NOW))


def test_a_segment_edited_while_staff_are_asked_is_shown_once_more(client: Client, campaign: Campaign) -> None:
    campaign.unschedule()
    chosen = segment("Ann")
    campaign.segments.add(chosen)
    asked = client.post(page(campaign, "schedule"), NOW).context

    rewrite(client, chosen, "Bob")
    confirmed = NOW | {"head_count": asked["people"], "version": asked["version"]}
    again = words(client.post(page(campaign, "schedule"), confirmed))

    assert status(campaign) == "draft"
    assert "Please look at it again before you confirm." in again
    assert "first name is “Bob”" in again


def test_no_list_has_the_label_that_means_all_of_them() -> None:
    with pytest.raises(ValidationError, match="all lists together"):
        MailingList(name="Everything", label="All").full_clean()
