"""A campaign on its way: its verbs, its numbers and its log."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign, Delivery, Transport
from tests.campaigns.admin.desk import page, staff, status, words
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return staff("send_campaign")


def test_unscheduling_gives_the_draft_back(client: Client) -> None:
    campaign = scene.campaign("Ann")

    answer = client.post(page(campaign, "unschedule"), follow=True)

    assert status(campaign) == "draft"
    assert "“May” is a draft again." in words(answer)


def test_pausing_keeps_the_reason_and_resuming_forgets_it(client: Client) -> None:
    campaign = scene.start(scene.campaign("Ann"))

    paused = client.post(page(campaign, "pause"), {"reason": "A wrong price"}, follow=True)
    assert status(campaign) == "paused"
    assert "Paused: A wrong price" in words(paused)

    client.post(page(campaign, "resume"))
    assert status(campaign) == "sending"
    assert campaign.pause_reason == ""


def test_cancelling_asks_first_and_names_who_would_get_nothing(client: Client) -> None:
    campaign = scene.start(scene.campaign("Ann", "Bob"))

    question = words(client.get(page(campaign, "cancel")))
    assert "Cancel “May”?" in question
    assert "2 people who are still waiting will not get it." in question
    assert status(campaign) == "sending"

    client.post(page(campaign, "cancel"))
    assert status(campaign) == "cancelled"


@pytest.mark.parametrize("verb", ["unschedule", "pause", "resume", "cancel"])
def test_a_verb_that_comes_too_late_says_that_somebody_was_faster(client: Client, verb: str, catcher: Catcher) -> None:
    campaign = scene.send(scene.campaign("Ann"))

    answer = client.post(page(campaign, verb), follow=True)

    assert "Somebody was faster. “May” is now: sent." in words(answer)
    assert status(campaign) == "sent"


@pytest.mark.parametrize("verb", ["unschedule", "pause", "resume", "uncertain"])
def test_following_a_link_to_a_verb_does_nothing(client: Client, verb: str) -> None:
    campaign = scene.start(scene.campaign("Ann"))

    answer = client.get(page(campaign, verb))

    assert answer.status_code == 405
    assert status(campaign) == "sending"


@pytest.mark.parametrize("verb", ["schedule", "unschedule", "pause", "resume", "cancel", "uncertain"])
def test_who_may_only_edit_may_use_no_verb(verb: str) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    editor = staff("change_campaign", "delete_campaign")

    answer = editor.post(page(campaign, verb), {"all": "1", "decision": "again"})

    assert answer.status_code == 403
    assert status(campaign) == "sending"


def test_who_may_only_look_sees_the_progress_without_buttons() -> None:
    campaign = scene.start(scene.campaign("Ann"))

    shown = words(staff().get(page(campaign, "progress")))

    assert "1 planned" in shown
    assert "Pause" not in shown


def test_the_page_of_a_draft_is_the_one_where_it_is_written(client: Client) -> None:
    campaign = scene.campaign("Ann")
    campaign.unschedule()

    answer = client.get(page(campaign, "progress"))

    assert answer.headers["Location"] == page(campaign, "change")


def test_a_cancelled_campaign_looks_for_news_until_everybody_who_waited_is_skipped(client: Client) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    campaign.cancel()
    assert client.get(page(campaign, "progress")).context["is_live"]

    campaign.deliveries.update(status="skipped", reason="cancelled")

    assert not client.get(page(campaign, "progress")).context["is_live"]


def test_that_a_transport_rests_is_no_news_of_a_campaign_that_is_done(client: Client, catcher: Catcher) -> None:
    done, going = scene.send(scene.campaign("Ann")), scene.start(scene.campaign("Bob"))

    Transport.objects.get().rest("Connection refused", 60)

    assert "rests until" not in words(client.get(page(done, "progress")))
    assert "rests until" in words(client.get(page(going, "progress")))


def test_the_page_shows_the_sum_and_why_some_got_nothing(client: Client, catcher: Catcher) -> None:
    catcher.refuse("bob@example.org", "550 5.1.1 <bob@example.org> user unknown")
    campaign = scene.send(scene.campaign("Ann", "Bob", "Dilnoza"))

    shown = words(client.get(page(campaign, "progress")))

    assert "3 planned = 2 sent + 1 failed + 0 skipped + 0 uncertain + 0 waiting" in shown
    assert "1 recipient refused (550)" in shown


def test_the_log_is_filtered_by_outcome_with_the_words_of_the_server(client: Client, catcher: Catcher) -> None:
    catcher.refuse("bob@example.org", "550 5.1.1 <bob@example.org> user unknown")
    campaign = scene.send(scene.campaign("Ann", "Bob"))

    log = client.get(page(campaign, "progress"), {"outcome": "failed"}).context["log"]

    (line,) = log.lines
    assert line.delivery.email == "bob@example.org"
    assert line.latest.code == 550
    assert "user unknown" in line.words


def test_the_log_finds_an_address_in_any_spelling(client: Client) -> None:
    campaign = scene.start(scene.campaign("Ann", "Bob"))

    log = client.get(page(campaign, "progress"), {"search": " Ann <ANN@Example.org> "}).context["log"]

    assert [line.delivery.email for line in log.lines] == ["ann@example.org"]


def test_the_log_begins_with_what_happened_and_not_with_who_waits(client: Client) -> None:
    campaign = scene.start(scene.campaign("Ann", "Bob"))
    campaign.deliveries.filter(email="ann@example.org").update(status="sent", finished_at=timezone.now())

    shown = client.get(page(campaign, "progress")).context["log"]
    waiting = client.get(page(campaign, "progress"), {"outcome": "waiting"}).context["log"]

    assert [line.delivery.email for line in shown.lines] == ["ann@example.org"]
    assert [line.delivery.email for line in waiting.lines] == ["bob@example.org"]


def test_a_long_log_is_turned_page_by_page_without_losing_a_line(client: Client, django_assert_max_num_queries) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    rows = [Delivery(campaign=campaign, email=f"reader{n}@example.org", status="sent") for n in range(120)]
    Delivery.objects.bulk_create(rows)

    seen, address = [], page(campaign, "progress") + "?outcome=sent"
    while address:
        with django_assert_max_num_queries(32):
            log = client.get(address).context["log"]
        seen += [line.delivery.email for line in log.lines]
        address = log.older and page(campaign, "progress") + log.older

    assert len(seen) == len(set(seen)) == 120
    back = client.get(page(campaign, "progress") + log.newer).context["log"]
    assert [line.delivery.email for line in back.lines] == seen[50:100]


def test_the_numbers_refresh_until_the_buttons_are_no_longer_right(client: Client) -> None:
    campaign = scene.start(scene.campaign("Ann"))

    going = client.get(page(campaign, "live"), {"stage": "sending"})
    campaign.pause("The server said no.")
    changed = client.get(page(campaign, "live"), {"stage": "sending"})

    assert "Live" not in going.headers
    assert "1 waiting" in words(going)
    assert changed.headers["Live"] == "done"


def test_who_did_not_get_it_refreshes_while_mails_leave(client: Client) -> None:
    campaign = scene.start(scene.campaign("Ann", "Bob"))
    shown = client.get(page(campaign, "progress"))
    campaign.deliveries.filter(email="ann@example.org").update(status="skipped", reason="suppressed")

    fresh = client.get(page(campaign, "why"), {"stage": "sending"})

    assert f"{page(campaign, 'why')}?stage=sending" in shown.content.decode()
    assert "Who did not get it" not in words(shown)
    assert "1 suppressed" in words(fresh)
    assert "Live" not in fresh.headers


def test_the_newest_page_of_the_log_refreshes_with_its_filter(client: Client) -> None:
    campaign = scene.start(scene.campaign("Ann", "Bob"))
    campaign.deliveries.filter(email="ann@example.org").update(status="failed", finished_at=timezone.now())

    failed = client.get(page(campaign, "lines"), {"stage": "sending", "outcome": "failed"})

    assert "ann@example.org" in words(failed)
    assert "bob@example.org" not in words(failed)
    assert "Live" not in failed.headers


def test_while_the_audience_is_written_down_the_page_says_so(client: Client) -> None:
    campaign = scene.campaign("Ann", "Bob")
    assert campaign.start()

    shown = words(client.get(page(campaign, "progress")))

    assert "The audience is being written down: 0 so far." in shown
    assert "Nothing has left yet." in shown


def test_the_sum_holds_for_a_campaign_that_was_cancelled_while_it_was_planned(client: Client) -> None:
    campaign = scene.campaign("Ann", "Bob")
    assert campaign.start()
    assert campaign.cancel()
    Delivery.objects.create(campaign=campaign, email="ann@example.org", status="skipped", reason="cancelled")

    shown = words(client.get(page(campaign, "progress")))

    assert "1 planned = 0 sent + 0 failed + 1 skipped + 0 uncertain + 0 waiting" in shown


def test_when_nothing_leaves_though_it_could_the_page_asks_for_the_worker(client: Client) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    assert "Is a worker" not in words(client.get(page(campaign, "progress")))

    Campaign.objects.filter(pk=campaign.pk).update(started_at=timezone.now() - timedelta(minutes=2))

    assert "No mail has left for a minute. Is a worker" in words(client.get(page(campaign, "progress")))
