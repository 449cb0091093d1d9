"""The limits of a campaign can be changed while it is under way, and nothing else."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import translation

from campaigns.admin.limits import in_words
from campaigns.models import Campaign
from tests.campaigns.admin.desk import page, staff, words
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db

FASTER = {"limit_per_second": "20", "limit_per_hour": "5000", "limit_per_day": "", "spread_evenly": "on"}


@pytest.fixture
def client() -> Client:
    return staff("send_campaign")


@pytest.fixture
def campaign(catcher: Catcher) -> Campaign:
    """Two of three are sent; nothing more leaves within the hour."""
    return scene.send(scene.campaign("Ann", "Bob", "Chloe", limit_per_hour=1))


def test_staff_change_the_limits_of_a_campaign_that_is_being_sent(
    client: Client, campaign: Campaign, catcher: Catcher
) -> None:
    shown = words(client.get(page(campaign, "progress")))
    assert "limit: 1 per hour Change its limits" in shown
    assert 'name="limit_per_hour" value="1"' in client.get(page(campaign, "pace")).text

    said = words(client.post(page(campaign, "pace"), FASTER, follow=True))

    assert "“May” has these limits now: 20 per second, 5,000 per hour, spread evenly." in said
    campaign.refresh_from_db()
    assert (campaign.limit_per_second, campaign.limit_per_hour, campaign.limit_per_day) == (20, 5000, None)
    assert campaign.spread_evenly
    assert "20 per second" in LogEntry.objects.get().change_message
    for _second in range(3):
        scene.let_time_pass(campaign)
        scene.send(campaign)
    assert campaign.status == "sent"


def test_limits_of_a_paused_campaign_are_taken_away_and_it_stays_paused(client: Client, campaign: Campaign) -> None:
    campaign.pause()

    said = words(client.post(page(campaign, "pace"), {"name": "June", "limit_per_hour": ""}, follow=True))

    assert "“May” has these limits now: none." in said
    campaign.refresh_from_db()
    assert (campaign.status, campaign.name, campaign.limit_per_hour) == ("paused", "May", None)


def test_a_limit_of_nothing_is_refused_in_words(client: Client, campaign: Campaign) -> None:
    answer = client.post(page(campaign, "pace"), {"limit_per_hour": "0"})

    assert "greater than or equal to 1" in words(answer)
    campaign.refresh_from_db()
    assert campaign.limit_per_hour == 1


def test_a_campaign_that_is_not_under_way_has_other_ways_or_none(client: Client, campaign: Campaign) -> None:
    for status in ("draft", "cancelled"):
        Campaign.objects.update(status=status)

        assert "Change its limits" not in client.get(page(campaign, "progress"), follow=True).text
        assert "Somebody was faster." in client.post(page(campaign, "pace"), FASTER, follow=True).text
        campaign.refresh_from_db()
        assert campaign.limit_per_hour == 1


def test_who_may_not_send_changes_no_limits(campaign: Campaign) -> None:
    somebody = staff("change_campaign")

    assert "Change its limits" not in words(somebody.get(page(campaign, "progress")))
    assert somebody.post(page(campaign, "pace"), FASTER).status_code == 403


def test_limits_are_listed_as_the_language_lists(campaign: Campaign) -> None:
    campaign.limit_per_second = 20

    with translation.override("ar"):
        assert "، " in in_words(campaign)
