"""Mails of which nobody knows whether they arrived: staff decide, by name or all at once."""

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign, Delivery
from tests.campaigns.admin.desk import page, staff, status, words
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return staff("send_campaign")


def uncertain(campaign: Campaign) -> list[Delivery]:
    """As the sweeper leaves mails that were on the wire when their worker died."""
    campaign.deliveries.update(status="uncertain", finished_at=timezone.now())
    campaign.refresh_from_db()
    assert campaign.finish()
    return list(campaign.deliveries.order_by("email"))


def test_staff_say_of_ticked_uncertain_mails_that_they_arrived(client: Client) -> None:
    campaign = scene.start(scene.campaign("Ann", "Bob"))
    ann, bob = uncertain(campaign)

    answer = client.post(page(campaign, "uncertain"), {"mail": [ann.pk], "decision": "arrived"}, follow=True)

    ann.refresh_from_db()
    bob.refresh_from_db()
    assert (ann.status, bob.status) == ("sent", "uncertain")
    assert "1 mail counts as sent." in words(answer)


def test_nothing_ticked_changes_nothing_and_says_so(client: Client) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    (ann,) = uncertain(campaign)

    answer = client.post(page(campaign, "uncertain"), {"decision": "arrived"}, follow=True)

    ann.refresh_from_db()
    assert ann.status == "uncertain"
    assert "Nothing was done: no uncertain mail was chosen." in words(answer)


def test_all_uncertain_mails_can_be_sent_again_at_once(client: Client, catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann", "Bob"))
    uncertain(campaign)

    client.post(page(campaign, "uncertain"), {"all": "1", "decision": "again"})
    assert status(campaign) == "sending"
    scene.send(campaign)

    assert sorted(mail.recipient for mail in catcher.mails) == ["ann@example.org", "bob@example.org"]
    assert status(campaign) == "sent"


def test_however_many_uncertain_mails_there_are_all_are_decided_at_once(client: Client) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    ann = campaign.deliveries.get()
    Delivery.objects.bulk_create(
        Delivery(campaign=campaign, batch_id=ann.batch_id, email=f"reader{n}@example.org", status="uncertain")
        for n in range(40_000)
    )
    # As it would happen by itself outside of a test's transaction.
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Delivery._meta.db_table}")

    answer = client.post(page(campaign, "uncertain"), {"all": "1", "decision": "arrived"}, follow=True)

    assert "40000 mails count as sent." in words(answer)
    assert campaign.deliveries.filter(status="sent").count() == 40_000


def test_mails_of_another_campaign_are_not_touched(client: Client) -> None:
    mine, other = scene.start(scene.campaign("Ann")), scene.start(scene.campaign("Bob"))
    uncertain(mine)
    (bob,) = uncertain(other)

    client.post(page(mine, "uncertain"), {"mail": [bob.pk], "decision": "arrived"})

    bob.refresh_from_db()
    assert bob.status == "uncertain"
