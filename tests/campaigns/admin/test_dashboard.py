"""The first page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaigns import tallies, tasks
from campaigns.admin.growth import largest_lists
from campaigns.models import Campaign, Event, Transport
from campaigns.tallies import DAYS
from subscribers.models import Import, MailingList, Subscription
from tests.campaigns.admin.desk import page, staff, words
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db


def shown(client: Client) -> str:
    return words(client.get("/admin/"))


def test_an_empty_installation_leads_to_the_first_campaign_in_four_steps(admin_client: Client) -> None:
    assert "Your first campaign in four steps" in shown(admin_client)

    scene.campaign("Ann").unschedule()

    steps = admin_client.get("/admin/").context["steps"]
    assert [(step.is_done, step.is_next) for step in steps] == [
        (True, False),
        (True, False),
        (True, False),
        (False, True),
    ]
    assert steps[3].address == page(Campaign.objects.get(), "schedule")


def test_the_steps_are_gone_once_a_campaign_has_started(admin_client: Client) -> None:
    scene.start(scene.campaign("Ann"))

    assert "four steps" not in shown(admin_client)


def test_what_is_being_sent_is_shown_with_its_progress_and_refreshed(admin_client: Client) -> None:
    campaign = scene.start(scene.campaign("Ann", "Bob"))
    campaign.deliveries.filter(email="ann@example.org").update(status="sent")

    assert "1 of 2 50 %" in shown(admin_client)

    address = "/admin/campaigns/campaign/under-way"
    going = admin_client.get(address, {"watched": campaign.pk})
    assert "1 of 2" in words(going)
    assert "Live" not in going.headers
    campaign.cancel()
    assert admin_client.get(address, {"watched": campaign.pk}).headers["Live"] == "done"


def test_what_is_scheduled_and_what_was_sent_stand_side_by_side(admin_client: Client, catcher: Catcher) -> None:
    scene.send(scene.campaign("Ann"))
    later = scene.campaign("Bob")
    Campaign.objects.filter(pk=later.pk).update(name="June", scheduled_at=scene.in_an_hour())

    answer = admin_client.get("/admin/")

    assert [campaign.name for campaign in answer.context["scheduled"]] == ["June"]
    (finished,) = answer.context["finished"]
    assert str(finished.ledger) == "planned=1 sent=1 failed=0 skipped=0 uncertain=0"


def test_what_needs_staff_stands_on_top_in_words(admin_client: Client) -> None:
    paused = scene.start(scene.campaign("Ann"))
    paused.pause("554 5.7.1 content rejected")
    paused.deliveries.update(status="uncertain")
    late = scene.campaign("Bob")
    Campaign.objects.filter(pk=late.pk).update(name="June", due_at=timezone.now() - timedelta(minutes=5))
    Transport.objects.get().rest("Connection refused", 600)

    said = [problem.message for problem in admin_client.get("/admin/").context["problems"]]

    assert any("rests until" in message and "Connection refused" in message for message in said)
    assert "“June” is due and has not started. Is a worker (manage.py qcluster) running?" in said
    assert "“May” is paused: 554 5.7.1 content rejected" in said
    assert "The connection broke while 1 mail of “May” was handed over: did it arrive?" in said


def test_without_a_transport_nothing_can_be_sent_and_the_page_says_so(admin_client: Client) -> None:
    Transport.objects.update(is_active=False)

    assert "No transport is in use, so nothing can be sent." in shown(admin_client)


def test_a_quiet_installation_has_no_problems(admin_client: Client, catcher: Catcher) -> None:
    scene.send(scene.campaign("Ann"))

    assert admin_client.get("/admin/").context["problems"] == []


def test_a_list_grows_by_who_joined_and_shrinks_by_who_left() -> None:
    news = MailingList.objects.create(name="News", label="news")
    for name in ("Ann", "Bob", "Chloé", "Dilnoza"):
        scene.person(name, news)
    two_days_ago = timezone.now() - timedelta(days=2)
    mine = Subscription.objects.filter(mailing_list=news)
    mine.exclude(subscriber__first_name="Dilnoza").update(created_at=two_days_ago)
    mine.filter(subscriber__first_name="Ann").update(status="ended", ended_at=timezone.now() - timedelta(days=1))

    (growth,) = largest_lists(tallies.people())

    assert growth.days[-4:] == [0, 3, 2, 3]
    assert len(growth.days) == DAYS
    assert (growth.active, growth.joined, growth.left) == (3, 4, 1)


def test_who_waits_for_confirmation_has_not_joined() -> None:
    news = MailingList.objects.create(name="News", label="news")
    scene.person("Ann", news)
    Subscription.objects.update(status="pending")

    (growth,) = largest_lists(tallies.people())

    assert (growth.active, growth.joined, set(growth.days)) == (0, 0, {0})


def test_joining_and_leaving_counts_on_lists_that_are_too_small_to_be_shown(admin_client: Client) -> None:
    for number, name in enumerate(["Ann", "Bob", "Chloé", "Dilnoza", "Emil", "Farah", "Goro", "Hana"]):
        scene.person(name, MailingList.objects.create(name=f"List {number}", label=f"list-{number}"))
    Subscription.objects.filter(subscriber__first_name="Hana").update(status="ended", ended_at=timezone.now())

    context = admin_client.get("/admin/").context

    assert (context["joined"], context["left"]) == (8, 1)


def test_recent_imports_are_shown_with_their_status(admin_client: Client) -> None:
    scene.start(scene.campaign("Ann"))
    Import.objects.create(name="people.xlsx", status="failed")

    assert "people.xlsx" in shown(admin_client)
    assert "failed" in shown(admin_client)


def test_nobody_sees_here_what_they_may_not_look_at_elsewhere(admin_client: Client) -> None:
    scene.start(scene.campaign("Ann"))
    Import.objects.create(name="people.xlsx")

    answer = staff().get("/admin/")

    assert "May" in words(answer)
    assert "people.xlsx" not in words(answer)
    assert "lists" not in answer.context


def test_ten_times_as_much_asks_the_database_no_more_often(
    admin_client: Client, catcher: Catcher, django_assert_max_num_queries
) -> None:
    for _number in range(6):
        scene.start(scene.campaign())
        ended = scene.campaign()
        Campaign.objects.filter(pk=ended.pk).update(status="sent", started_at=timezone.now(), planned=0)

    with django_assert_max_num_queries(60):
        admin_client.get("/admin/")


def test_the_last_campaign_says_who_read_it_if_that_is_counted(admin_client: Client, catcher: Catcher) -> None:
    campaign = scene.send(scene.campaign("Ann", "Bob"))
    assert "Opened" not in shown(admin_client)
    Campaign.objects.filter(pk=campaign.pk).update(tracking="person")
    Event.objects.create(delivery=campaign.deliveries.get(email="ann@example.org"), kind="opened")
    Event.objects.create(delivery=campaign.deliveries.get(email="bob@example.org"), kind="opened", is_suspect=True)

    said = shown(admin_client)

    assert "Opened 1–2 50.0–100.0 % of delivered Clicked 0 0.0 % of delivered Report" in said


def test_nobody_waits_on_the_first_page_until_a_large_campaign_is_counted(
    admin_client: Client, catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = scene.send(scene.campaign("Ann", "Bob"))
    Campaign.objects.filter(pk=campaign.pk).update(tracking="person")
    monkeypatch.setattr(tallies, "MANY", 1)
    assert "Opened" not in shown(admin_client)

    tasks.count_ahead()

    assert "Opened 0" in shown(admin_client)
