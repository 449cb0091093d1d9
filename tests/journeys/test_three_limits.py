"""Three limits at once, four workers in two clusters, and workers that are killed all the while."""

from __future__ import annotations

import random
import time
from contextlib import ExitStack, suppress

import psutil
import pytest

from campaigns import reports
from campaigns.models import Campaign, RecipientDomain, Transport
from subscribers import addresses
from subscribers.models import Subscriber
from tests import clusters
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services, pytest.mark.alone]

# An hour takes twenty seconds here.
HOUR = 20
PER_SECOND, PER_HOUR, BIG_PER_HOUR = 150, 1_200, 300
# The campaign's limit binds for some forty seconds, and for another ten that of the domain.
PEOPLE, OF_THEM_BIG = 2_400, 700
BIG = "big.example.net"
KILL_EVERY_SECONDS = 3.0


def test_no_window_is_overfull_and_no_limit_is_wasted_while_workers_are_killed(
    catcher: Catcher, process_environment: dict[str, str]
) -> None:
    campaign = scene.campaign(limit_per_hour=PER_HOUR)
    Transport.objects.update(limit_per_second=PER_SECOND, connections=8)
    RecipientDomain.objects.create(name=BIG, limit_per_hour=BIG_PER_HOUR)
    clusters.enrol_a_crowd(campaign, PEOPLE)
    move_to_the_big_domain(OF_THEM_BIG)
    environment = process_environment | {
        "LIMIT_WINDOW_SECONDS": str(HOUR),
        "LANE_CONNECTIONS": "2",
        "LANE_SECONDS": "5",
        "LEASE_SECONDS": "5",
        "UNDO_SECONDS": "0",
    }

    with ExitStack() as both:
        families = [both.enter_context(clusters.running(environment)) for _each in range(2)]
        clusters.wait_until(lambda: len(catcher.mails) > 0)
        kills = kill_workers_until_it_is_sent(families)

    everything = sorted(mail.received_monotonic for mail in catcher.mails)
    big = sorted(mail.received_monotonic for mail in catcher.mails if mail.recipient.endswith(BIG))
    others = sorted(mail.received_monotonic for mail in catcher.mails if not mail.recipient.endswith(BIG))
    sums = reports.ledger(Campaign.objects.get())
    assert kills >= 5
    assert sums.adds_up
    assert sums.sent + sums.uncertain == PEOPLE
    assert most_in_a_window(everything, 1) <= PER_SECOND
    assert most_in_a_window(everything, HOUR) <= PER_HOUR
    assert most_in_a_window(big, HOUR) <= BIG_PER_HOUR
    # The campaign's limit binds as long as anybody waits who is not held back by another one.
    both_kinds = [at for at in everything if at <= others[-1]]
    assert utilisation(both_kinds, PER_HOUR / HOUR) >= 0.95
    assert utilisation(big, BIG_PER_HOUR / HOUR) >= 0.95


def move_to_the_big_domain(number: int) -> None:
    people = list(Subscriber.objects.order_by("pk"))
    moved = [people[at * len(people) // number] for at in range(number)]
    for someone in moved:
        someone.email = someone.email.replace("example.org", BIG)
        someone.fingerprint = addresses.fingerprint(someone.email)
    Subscriber.objects.bulk_update(moved, ["email", "fingerprint"], batch_size=500)


def kill_workers_until_it_is_sent(families: list[clusters.Cluster]) -> int:
    chance, kills, next_kill = random.Random(5), 0, time.monotonic()
    deadline = time.monotonic() + 90
    while Campaign.objects.get().status != Campaign.Status.SENT:
        assert time.monotonic() < deadline, "it takes too long"
        if time.monotonic() >= next_kill:
            workers = clusters.those(chance.choice(families), "worker")
            with suppress(psutil.NoSuchProcess):
                if workers:
                    chance.choice(workers).kill()
                    kills += 1
            next_kill += chance.uniform(0.5, 1.5) * KILL_EVERY_SECONDS
        time.sleep(0.1)
    return kills


def most_in_a_window(times: list[float], seconds: float) -> int:
    """The fullest window of that length, wherever it begins."""
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def utilisation(times: list[float], per_second: float) -> float:
    """How much of what is allowed from the first mail to the last was used."""
    return (len(times) - 1) / ((times[-1] - times[0]) * per_second)
