"""A host whose clock is wrong: what it writes is due when it should be, and it sees what the others wrote."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.mail import send_mail
from django.db import connection
from django.utils import timezone

from campaigns.delivery import engine
from campaigns.models import Batch, Campaign, Limit, RecipientDomain, Transport, clock
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)

AHEAD, BEHIND = timedelta(hours=1), timedelta(hours=-1)
right_now = timezone.now


@pytest.fixture(autouse=True)
def several_hosts() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("on one machine there is one clock")


@contextmanager
def on_a_host(by: timedelta) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: right_now() + by)
        yield


@pytest.mark.parametrize("by", [AHEAD, BEHIND])
def test_the_clock_is_that_of_the_database(by: timedelta) -> None:
    with on_a_host(by):
        assert abs(clock.now() - right_now()) < timedelta(seconds=5)
        assert abs(clock.read() - right_now()) < timedelta(seconds=5)


@pytest.mark.parametrize("by", [AHEAD, BEHIND])
def test_a_rest_lasts_as_long_as_it_should(by: timedelta) -> None:
    transport = scene.transport()

    with on_a_host(by):
        transport.rest("421 try later", 30)
        until = RecipientDomain.objects.rest("big.example.net", "421 try later")

    assert timedelta() < transport.resting_until - right_now() <= timedelta(seconds=30)
    assert timedelta() < until - right_now() <= timedelta(minutes=1)
    assert list(Transport.objects.in_service()) == []
    with on_a_host(by):
        assert list(Transport.objects.in_service()) == []
        assert RecipientDomain.objects.resting().exists()


@pytest.mark.parametrize("by", [AHEAD, BEHIND])
def test_a_campaign_starts_in_time_and_a_limit_opens_in_time(by: timedelta, catcher: Catcher) -> None:
    campaign = scene.campaign("Ann", "Bob", limit_per_hour=1)

    with on_a_host(by):
        scene.send(campaign)
        assert len(catcher.mails) == 1
        assert engine.needed_lanes() == []
        # An hour later.
        Limit.objects.update(spent=[], paced_to=0)
        assert engine.needed_lanes() == [scene.transport()]


def test_a_campaign_that_is_not_due_does_not_start_on_a_host_that_is_ahead() -> None:
    campaign = scene.campaign("Ann")
    Campaign.objects.update(due_at=scene.in_an_hour() - timedelta(minutes=5))

    with on_a_host(AHEAD):
        scene.start(campaign)

    assert campaign.status == "scheduled"


def test_a_mail_that_a_host_ahead_writes_leaves_at_once(catcher: Catcher, settings: object) -> None:
    settings.EMAIL_BACKEND = "campaigns.delivery.backend.EmailBackend"
    scene.transport()
    with on_a_host(AHEAD):
        send_mail("Hello", "Good morning", None, ["ann@example.org"])

    assert Batch.objects.free().exists()
    assert engine.needed_lanes() == [scene.transport()]


@pytest.mark.parametrize("by", [AHEAD, BEHIND])
def test_a_mail_that_has_to_wait_waits_as_long_as_it_should(by: timedelta, catcher: Catcher) -> None:
    catcher.defer("ann@example.org", "451 4.7.1 greylisted")
    campaign = scene.campaign("Ann")

    with on_a_host(by):
        scene.send(campaign)

    due_at = campaign.deliveries.get().due_at
    assert timedelta(minutes=3) < due_at - right_now() < timedelta(minutes=7)
