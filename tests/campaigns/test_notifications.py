"""Staff hear of trouble once, and of new trouble again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.utils import timezone

from campaigns import notifications
from campaigns.models import Campaign, Heartbeat, Incident, Transport
from tests.campaigns.delivery import scene

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def staff() -> None:
    ann = User.objects.create_user("ann", "ann@example.com", is_staff=True)
    ann.user_permissions.add(Permission.objects.get(codename="send_campaign"))
    User.objects.create_user("bob", "bob@example.com", is_staff=True)
    User.objects.create_superuser("chloe", "chloe@example.com")
    User.objects.create_superuser("dilnoza", "")


def paused(reason: str) -> Campaign:
    campaign = scene.start(scene.campaign("Bob"))
    assert campaign.pause(reason)
    return campaign


def test_those_who_may_send_are_told_once_that_a_campaign_paused_itself() -> None:
    campaign = paused("The server rejects our mail: 550 5.7.1 <spam>")

    notifications.watch()
    notifications.watch()

    assert sorted(address for message in mail.outbox for address in message.to) == [
        "ann@example.com",
        "chloe@example.com",
    ]
    message = mail.outbox[0]
    assert message.subject == "“May” is paused"
    assert "550 5.7.1 <spam>" in message.body
    assert f"/admin/campaigns/campaign/{campaign.pk}/progress" in message.body
    assert "550 5.7.1 &lt;spam&gt;" in message.alternatives[0].content
    assert message.extra_headers == {"Auto-Submitted": "auto-generated"}
    assert Incident.objects.get().told_at


def test_an_incident_is_over_when_staff_resume_and_the_next_one_is_told_again() -> None:
    campaign = paused("550 blocked")
    notifications.watch()

    campaign.resume()
    notifications.watch()
    assert Incident.objects.get().closed_at

    campaign.pause("550 blocked again")
    notifications.watch()
    assert [incident.reason for incident in Incident.objects.order_by("pk")] == ["550 blocked", "550 blocked again"]
    assert len(mail.outbox) == 4


def test_a_pause_by_staff_is_no_incident() -> None:
    paused("")

    notifications.watch()

    assert not Incident.objects.exists()


def test_a_transport_that_fails_again_and_again_is_one_incident_until_it_takes_a_mail() -> None:
    transport = scene.transport()
    for _rest in range(3):
        transport.rest("Connection refused", 30)
        notifications.watch()
        Transport.objects.update(resting_until=timezone.now())
        notifications.watch()
    assert len(mail.outbox) == 2
    assert Incident.objects.open().count() == 1

    transport.recover()
    notifications.watch()

    assert not Incident.objects.open().exists()


def test_each_rest_of_a_transport_is_twice_as_long_up_to_half_an_hour() -> None:
    transport = scene.transport()
    for seconds in (30, 60, 120, 240, 480, 960, 1800, 1800):
        for _lane in range(3):
            transport.rest("Connection refused", 30)
        assert transport.resting_until is not None
        rest = transport.resting_until - timezone.now()
        assert rest == pytest.approx(timedelta(seconds=seconds), abs=timedelta(seconds=5))
        Transport.objects.update(resting_until=timezone.now())


def test_workers_that_fall_silent_elsewhere_are_an_incident() -> None:
    Heartbeat.objects.create(name="east:7", host="east", pid=7, ticked_at=timezone.now() - timedelta(minutes=2))
    Heartbeat.objects.create(name="west:8", host="west", pid=8)

    notifications.watch()

    assert Incident.objects.get().name == "east"
    assert mail.outbox[0].subject == "The workers on east are silent"


def test_staff_are_told_in_the_language_of_the_installation(settings: object) -> None:
    settings.LANGUAGE_CODE = "ar"
    paused("550 blocked")

    notifications.watch()

    assert 'lang="ar" dir="rtl"' in mail.outbox[0].alternatives[0].content


def test_a_mail_server_that_is_down_stops_nothing(settings: object) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    paused("550 blocked")

    notifications.watch()

    assert Incident.objects.get().told_at
