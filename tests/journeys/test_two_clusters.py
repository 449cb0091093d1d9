"""A big campaign under a limit, two clusters of real processes, and one of them is killed on the way."""

from __future__ import annotations

from collections import Counter

import pytest

from campaigns import reports
from campaigns.models import Campaign, Delivery, Transport
from tests.campaigns.delivery import scene
from tests.catcher import Catcher
from tests.clusters import enrol_a_crowd, family, is_alive, kill_all, running, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]

LANGUAGES = ("en", "de", "ar", "ja")
PEOPLE, LIMIT_PER_HOUR, HOUR_SECONDS = 10_000, 3_600, 20
HAND_OVER = 16
CONNECTIONS = 4
PATIENCE_SECONDS = 240


def test_a_limit_holds_and_nobody_is_lost_or_mailed_twice_when_a_cluster_is_killed(
    catcher: Catcher, process_environment: dict[str, str]
) -> None:
    a_campaign_for_many()
    environment = process_environment | {
        "LIMIT_WINDOW_SECONDS": str(HOUR_SECONDS),
        "LEASE_SECONDS": "5",
        "HAND_OVER": str(HAND_OVER),
    }

    with running(environment) as doomed, running(environment) as survivor:
        wait_until(lambda: len(catcher.mails) >= PEOPLE // 3, PATIENCE_SECONDS)
        members = family(doomed)
        kill_all(doomed)
        wait_until(lambda: Campaign.objects.get().status == Campaign.Status.SENT, PATIENCE_SECONDS)
        survivor.terminate()
        assert survivor.wait(timeout=20) == 0

    sums = reports.ledger(Campaign.objects.get())
    assert sums.planned == PEOPLE
    assert sums.adds_up
    assert sums.sent + sums.uncertain == PEOPLE
    assert sums.uncertain <= CONNECTIONS * HAND_OVER
    mails = Counter(mail.recipient for mail in catcher.mails)
    assert max(mails.values()) == 1
    assert named("sent") <= mails.keys()
    assert mails.keys() <= named("sent") | named("uncertain")
    assert not any(is_alive(member) for member in members)
    assert most_in_a_window([mail.received_monotonic for mail in catcher.mails]) <= LIMIT_PER_HOUR


def a_campaign_for_many() -> None:
    campaign = scene.campaign(languages=LANGUAGES, limit_per_hour=LIMIT_PER_HOUR)
    Transport.objects.update(connections=CONNECTIONS)
    enrol_a_crowd(campaign, PEOPLE, LANGUAGES)


def named(status: str) -> set[str]:
    return set(Delivery.objects.filter(status=status).values_list("email", flat=True))


def most_in_a_window(times: list[float]) -> int:
    """The fullest window of an hour's length, wherever it begins."""
    times, most, first = sorted(times), 0, 0
    for last, at in enumerate(times):
        while times[first] <= at - HOUR_SECONDS:
            first += 1
        most = max(most, last - first + 1)
    return most
