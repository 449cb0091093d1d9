"""Sending now or later: what stands in the way, and how many people are confirmed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.admin.schedule import version_of
from campaigns.models import Campaign, Delivery
from subscribers.models import Suppression
from tests.campaigns.admin.desk import page, staff, status, words
from tests.campaigns.delivery import scene

pytestmark = pytest.mark.django_db

NOW = {"when": "now", "at": "", "time_zone": "UTC"}


@pytest.fixture
def client() -> Client:
    return staff("send_campaign")


@pytest.fixture
def campaign() -> Campaign:
    made = scene.campaign("Ann", "Bob")
    made.unschedule()
    return made


def confirmation(client: Client, campaign: Campaign, form: dict[str, str] = NOW) -> dict[str, object]:
    """What the page that asks would post."""
    asked = client.post(page(campaign, "schedule"), form).context
    return form | {"head_count": asked["people"], "version": asked["version"]}


def test_the_confirmation_names_the_campaign_and_the_exact_number_of_people(client: Client, campaign: Campaign) -> None:
    Suppression.objects.add("bob@example.org", "bounced")

    shown = words(client.post(page(campaign, "schedule"), NOW))

    assert "Send “May” to 1 person now?" in shown
    assert status(campaign) == "draft"


def test_sending_now_leaves_time_to_stop_it(client: Client, campaign: Campaign, settings: object) -> None:
    settings.UNDO_SECONDS = 60
    assert "In 60 seconds Until then you can stop it." in words(client.post(page(campaign, "schedule"), NOW))

    answer = client.post(page(campaign, "schedule"), confirmation(client, campaign), follow=True)

    assert status(campaign) == "scheduled"
    assert timezone.now() < campaign.scheduled_at <= timezone.now() + timedelta(seconds=60)
    assert campaign.due_at <= timezone.now()
    assert "is about to start, to 2 people" in words(answer)


def test_an_audience_that_changed_since_it_was_shown_is_asked_about_again(client: Client, campaign: Campaign) -> None:
    confirmed = confirmation(client, campaign)
    scene.person("Chloé", campaign.mailing_lists.get())

    again = client.post(page(campaign, "schedule"), confirmed)

    assert status(campaign) == "draft"
    assert "The audience has changed meanwhile, from 2 to 3 people." in words(again)
    client.post(page(campaign, "schedule"), confirmation(client, campaign))
    assert status(campaign) == "scheduled"


def test_a_campaign_that_was_edited_since_it_was_shown_is_asked_about_again(client: Client, campaign: Campaign) -> None:
    confirmed = confirmation(client, campaign)
    content = campaign.contents.get()
    content.subject = "Something else"
    content.save()

    again = client.post(page(campaign, "schedule"), confirmed)

    assert status(campaign) == "draft"
    assert "Somebody edited the campaign meanwhile." in words(again)
    client.post(page(campaign, "schedule"), confirmation(client, campaign))
    assert status(campaign) == "scheduled"


def test_a_campaign_with_a_mistake_cannot_be_scheduled_even_by_a_forged_confirmation(
    client: Client, campaign: Campaign
) -> None:
    content = campaign.contents.get()
    content.body_html = "<p>Hello {{ frist_name }}</p>"
    content.save()

    answer = client.post(page(campaign, "schedule"), NOW | {"head_count": 2, "version": version_of(campaign)})

    assert status(campaign) == "draft"
    assert "Must be mended" in words(answer)
    assert "frist_name" in words(answer)


def test_a_time_counts_in_the_chosen_time_zone_and_is_shown_in_both(client: Client, campaign: Campaign) -> None:
    later = {"when": "later", "at": "2050-06-01T09:00", "time_zone": "America/New_York"}

    shown = words(client.post(page(campaign, "schedule"), later))
    client.post(page(campaign, "schedule"), confirmation(client, campaign, later))

    assert "Schedule “May” for 2 people?" in shown
    assert "June 1, 2050, 09:00 America/New_York That is June 1, 2050, 13:00 (UTC)." in shown
    assert status(campaign) == "scheduled"
    assert campaign.scheduled_at == datetime(2050, 6, 1, 13, tzinfo=UTC)
    assert "Starts on June 1, 2050 at 09:00 (America/New_York)" in words(client.get(page(campaign, "progress")))


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2020-01-01T09:00", "This time has passed."),
        ("2050-03-27T02:30", "it may be ambiguous or it may not exist"),
        ("2050-10-30T02:30", "it may be ambiguous or it may not exist"),
        ("soon", "Enter a valid date/time."),
        ("2050-02-31T09:00", "Enter a valid date/time."),
        ("", "Enter a valid date/time."),
    ],
)
def test_a_time_that_is_none_is_refused_in_words(client: Client, campaign: Campaign, at: str, said: str) -> None:
    later = {"when": "later", "at": at, "time_zone": "Europe/Berlin"}
    later |= {"head_count": "2", "version": version_of(campaign)}

    answer = client.post(page(campaign, "schedule"), later)

    assert said in words(answer)
    assert status(campaign) == "draft"


def test_a_limit_tells_how_long_it_will_take(client: Client, campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(limit_per_hour=2)

    shown = words(client.post(page(campaign, "schedule"), NOW))

    assert "as the limits allow" in shown


def test_whoever_comes_second_hears_that_somebody_was_faster(client: Client, campaign: Campaign) -> None:
    confirmed = confirmation(client, campaign)
    Campaign.objects.get(pk=campaign.pk).schedule(scene.in_an_hour())

    answer = client.post(page(campaign, "schedule"), confirmed, follow=True)

    assert "Somebody was faster. “May” is now: scheduled." in words(answer)
    assert not Delivery.objects.exists()


def test_looking_at_the_page_schedules_nothing(client: Client, campaign: Campaign) -> None:
    answer = client.get(page(campaign, "schedule"), confirmation(client, campaign))

    assert answer.status_code == 200
    assert status(campaign) == "draft"


def test_writing_a_campaign_does_not_mean_sending_it(campaign: Campaign) -> None:
    author = staff("change_campaign", "add_campaign", "test_campaign")

    answer = author.post(page(campaign, "schedule"), NOW | {"head_count": 2, "version": version_of(campaign)})

    assert answer.status_code == 403
    assert status(campaign) == "draft"


@pytest.mark.parametrize("kind", ["layout", "sender"])
def test_a_layout_or_sender_edited_since_it_was_shown_is_asked_about_again(
    client: Client, campaign: Campaign, kind: str
) -> None:
    confirmed = confirmation(client, campaign)
    part = getattr(campaign, kind)
    field = "html" if kind == "layout" else "postal_address"
    setattr(part, field, getattr(part, field) + " ")
    part.save()

    again = client.post(page(campaign, "schedule"), confirmed)

    assert status(campaign) == "draft"
    assert "Somebody edited the campaign meanwhile." in words(again)


@pytest.mark.parametrize("kind", ["layout", "sender"])
def test_what_was_confirmed_stays_until_it_starts(campaign: Campaign, kind: str) -> None:
    author = staff(f"view_{kind}", f"change_{kind}")
    part = getattr(campaign, kind)
    address = reverse(f"admin:campaigns_{kind}_change", args=[part.pk])
    edited = {
        "name": "Edited",
        "label": "edited",
        "html": scene.LAYOUT,
        "email": "a@example.net",
        "postal_address": "X",
    }

    campaign.schedule(scene.in_an_hour())
    assert author.get(address).status_code == 200
    assert author.post(address, edited).status_code == 403

    campaign.unschedule()
    assert author.post(address, edited).status_code == 302
    part.refresh_from_db()
    assert part.name == "Edited"
