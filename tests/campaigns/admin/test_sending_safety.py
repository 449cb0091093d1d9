"""What staff can still decide after they pressed the button: stop it, let the others follow, or see where it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign, Delivery
from tests.campaigns.admin.desk import page, staff, words
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db

NOW = {"when": "now", "at": "", "time_zone": "UTC"}
LATER = {"when": "later", "at": "2050-06-01T09:00", "time_zone": "Europe/Berlin"}


@pytest.fixture
def client() -> Client:
    return staff("send_campaign")


@pytest.fixture
def campaign() -> Campaign:
    made = scene.campaign(*(f"Person{number}" for number in range(10)))
    made.unschedule()
    return made


def confirm(client: Client, campaign: Campaign, form: dict[str, str]) -> str:
    """Press all the way through; what the page that asks said."""
    asked = client.post(page(campaign, "schedule"), form)
    fields = {field.html_name: field.value() for field in asked.context["form"].visible_fields()}
    posted = {name: value for name, value in fields.items() if value not in (None, False)}
    confirmed = posted | {"head_count": asked.context["people"], "version": asked.context["version"]}
    client.post(page(campaign, "schedule"), confirmed)
    campaign.refresh_from_db()
    return words(asked)


def press(client: Client, campaign: Campaign, verb: str) -> str:
    answer = client.post(page(campaign, verb), follow=True)
    campaign.refresh_from_db()
    return words(answer)


# Stop.


def test_until_the_first_mail_leaves_the_page_counts_down_and_offers_to_stop(
    client: Client, campaign: Campaign, settings: object
) -> None:
    settings.UNDO_SECONDS = 60
    confirm(client, campaign, NOW)
    before = client.get(page(campaign, "progress"))
    scene.start(campaign)
    after = client.get(page(campaign, "progress"))

    for shown in (before, after):
        assert "Starts in 1:00" in words(shown) or "Starts in 0:5" in words(shown)
        assert "Until then you can stop it, and it is a draft again." in words(shown)
        assert "Stop" in words(shown).split()
        assert "Cancel…" not in words(shown) or campaign.status == "scheduled"
    assert 'data-countdown="' in after.content.decode()
    assert "starting" in words(after)


def test_stopped_it_is_a_draft_whether_it_had_started_or_not(
    client: Client, campaign: Campaign, settings: object
) -> None:
    settings.UNDO_SECONDS = 60
    for has_started in (False, True):
        confirm(client, campaign, NOW)
        if has_started:
            scene.start(campaign)

        assert "“May” is a draft again. Nothing is sent." in press(client, campaign, "unschedule")

        assert campaign.status == "draft"
        assert not Delivery.objects.exists()


def test_who_wants_to_stop_it_too_late_hears_so(client: Client, campaign: Campaign, catcher: Catcher) -> None:
    confirm(client, campaign, NOW)
    scene.send(campaign)

    assert "Somebody was faster. “May” is now: sent." in press(client, campaign, "unschedule")

    assert len(catcher.mails) == 10


def test_the_page_notices_when_it_can_no_longer_be_stopped(
    client: Client, campaign: Campaign, settings: object
) -> None:
    settings.UNDO_SECONDS = 60
    confirm(client, campaign, NOW)
    scene.start(campaign)
    stage = client.get(page(campaign, "progress")).context["stage"]
    assert "Live" not in client.get(page(campaign, "live"), {"stage": stage}).headers

    Campaign.objects.update(leaves_at=timezone.now())

    assert client.get(page(campaign, "live"), {"stage": stage}).headers["Live"] == "done"


# The first few.


@pytest.mark.parametrize(("amount", "unit", "few"), [("3", "people", 3), ("25", "percent", 3), ("1", "percent", 1)])
def test_first_a_few_are_chosen_in_people_or_percent(
    client: Client, campaign: Campaign, amount: str, unit: str, few: int
) -> None:
    asked = confirm(client, campaign, NOW | {"first": "few", "amount": amount, "unit": unit})

    assert f"First only to {few} " in asked
    assert (campaign.status, campaign.canary) == ("scheduled", few)


@pytest.mark.parametrize(
    ("amount", "unit", "said"),
    [
        ("", "people", "Say how many go first."),
        ("0", "people", "greater than or equal to 1"),
        ("10", "people", "That is everybody."),
        ("100", "percent", "That is everybody."),
        ("some", "people", "Enter a whole number."),
    ],
)
def test_a_few_who_are_nobody_or_everybody_are_refused_in_words(
    client: Client, campaign: Campaign, amount: str, unit: str, said: str
) -> None:
    answer = client.post(page(campaign, "schedule"), NOW | {"first": "few", "amount": amount, "unit": unit})

    assert said in words(answer)
    campaign.refresh_from_db()
    assert campaign.status == "draft"


def test_to_everybody_means_everybody_whatever_stands_below(client: Client, campaign: Campaign) -> None:
    confirm(client, campaign, NOW | {"first": "all", "amount": "3", "unit": "people"})

    assert campaign.canary is None


def test_after_the_first_few_the_page_asks_and_a_person_presses_on(
    client: Client, campaign: Campaign, catcher: Catcher
) -> None:
    confirm(client, campaign, NOW | {"first": "few", "amount": "3", "unit": "people"})
    scene.send(campaign)
    shown = words(client.get(page(campaign, "progress")))

    assert "3 of 10 sent. Look at the outcome, then send it to the others or cancel it." in shown
    assert "when you let the others follow" in shown
    assert "Is a worker" not in shown
    assert "“May” goes to the others now." in press(client, campaign, "release")
    scene.send(campaign)
    assert len(catcher.mails) == 10
    assert campaign.status == "sent"


def test_nobody_follows_twice(client: Client, campaign: Campaign, catcher: Catcher) -> None:
    confirm(client, campaign, NOW | {"first": "few", "amount": "3", "unit": "people"})
    scene.send(campaign)

    press(client, campaign, "release")

    assert "Somebody was faster." in press(client, campaign, "release")


def test_paused_the_page_says_what_each_button_does_and_letting_the_others_follow_resumes_it(
    client: Client, campaign: Campaign, catcher: Catcher
) -> None:
    confirm(client, campaign, NOW | {"first": "few", "amount": "3", "unit": "people"})
    scene.send(campaign)
    campaign.pause("Ann looks at the outcome.")
    shown = client.get(page(campaign, "progress"))

    assert "3 of 10 sent. If you resume it, only the first few go on;" in words(shown)
    assert '<input type="hidden" name="seen" value="paused">' in shown.text
    assert "“May” goes to the others now." in words(
        client.post(page(campaign, "release"), {"seen": "paused"}, follow=True)
    )
    scene.send(campaign)
    assert len(catcher.mails) == 10


def test_who_has_not_seen_that_it_was_paused_lets_nobody_follow(
    client: Client, campaign: Campaign, catcher: Catcher
) -> None:
    confirm(client, campaign, NOW | {"first": "few", "amount": "3", "unit": "people"})
    scene.send(campaign)
    seen = client.get(page(campaign, "progress")).text
    assert '<input type="hidden" name="seen" value="sending">' in seen
    campaign.pause("The server rejects our mail.")

    said = words(client.post(page(campaign, "release"), {"seen": "sending"}, follow=True))

    assert "Somebody was faster. “May” is now: paused." in said
    campaign.refresh_from_db()
    assert campaign.awaits_release


def test_the_question_foretells_the_first_few_and_the_others_apart(client: Client, campaign: Campaign) -> None:
    Campaign.objects.update(limit_per_hour=3)

    asked = confirm(client, campaign, NOW | {"first": "few", "amount": "3", "unit": "people"})

    assert "The first take about 1 hour" in asked
    assert "The others take about 2" in asked
    assert "From the moment when you let them follow." in asked


def test_where_all_go_at_once_the_question_foretells_one_run(client: Client, campaign: Campaign) -> None:
    Campaign.objects.update(limit_per_hour=5)

    asked = confirm(client, campaign, NOW)

    assert "Takes about 2" in asked
    assert "The others" not in asked


def test_who_may_only_edit_lets_nobody_follow(client: Client, campaign: Campaign, catcher: Catcher) -> None:
    confirm(client, campaign, NOW | {"first": "few", "amount": "3", "unit": "people"})
    scene.send(campaign)

    assert staff("change_campaign", "add_campaign").post(page(campaign, "release")).status_code == 403
    assert client.get(page(campaign, "release")).status_code == 405
    campaign.refresh_from_db()
    assert campaign.awaits_release


# Local time.


def live_in(campaign: Campaign, **zones: str) -> None:
    for name, zone in zones.items():
        scene.person(name, campaign.mailing_lists.get(), time_zone=zone)


def test_the_waves_are_shown_before_anybody_confirms(client: Client, campaign: Campaign) -> None:
    live_in(campaign, Akiko="Asia/Tokyo", Bob="America/New_York", Chloe="Europe/Paris")

    asked = confirm(client, campaign, LATER | {"in_local_time": "on"})

    assert "06/01/2050, 02:00 Asia/Tokyo People" not in asked
    assert "Moment (Europe/Berlin) Time zones People State" in asked
    assert "02:00 Asia/Tokyo 1 in " in asked
    assert "09:00 Europe/Berlin, Europe/Paris 11 in " in asked
    assert "15:00 America/New York 1 in " in asked
    assert "02:00 Europe/Berlin, with the first readers" in asked
    assert (campaign.status, campaign.in_local_time) == ("scheduled", True)
    assert campaign.scheduled_at == datetime(2050, 6, 1, 7, tzinfo=UTC)
    assert "On June 1, 2050 at 09:00 in each reader’s time zone" in words(client.get(page(campaign, "progress")))


def test_now_is_now_everywhere(client: Client, campaign: Campaign) -> None:
    confirm(client, campaign, NOW | {"in_local_time": "on"})

    assert campaign.status == "scheduled"
    assert not campaign.in_local_time


def test_where_the_time_has_passed_the_table_says_that_it_goes_at_once(client: Client, campaign: Campaign) -> None:
    live_in(campaign, Akiko="Asia/Tokyo")
    soon = (timezone.now() + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M")

    asked = confirm(client, campaign, LATER | {"at": soon, "time_zone": "UTC", "in_local_time": "on"})

    assert "Asia/Tokyo 1 has passed: at once" in asked


def test_under_way_the_table_tells_which_wave_is_done(client: Client, campaign: Campaign, catcher: Catcher) -> None:
    live_in(campaign, Akiko="Asia/Tokyo", Kenji="Asia/Seoul")
    campaign.schedule(timezone.now() + timedelta(hours=9, seconds=-1), time_zone="UTC", in_local_time=True)

    scene.send(campaign)
    shown = words(client.get(page(campaign, "progress")))

    assert len(catcher.mails) == 2
    assert "Asia/Tokyo, Asia/Seoul 2 done" in shown or "Asia/Seoul, Asia/Tokyo 2 done" in shown
    assert "UTC 10 in 8" in shown
