"""A batch of which no mail can be made."""

import pytest
from django.conf import LazySettings

from campaigns import reports
from campaigns.models import Slot
from subscribers.models import Subscriber
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db


def test_a_batch_without_a_single_mail_that_can_be_made_ends_in_order(catcher: Catcher) -> None:
    campaign = scene.campaign("Ann")
    # As an older version may have stored it; normal addresses are ASCII.
    Subscriber.objects.update(email="chloé@example.org")

    scene.send(campaign)

    assert campaign.status == "sent"
    assert campaign.deliveries.get().status == "failed"
    assert catcher.mails == []


@pytest.mark.parametrize("window", [1, 2, 16])
def test_mails_that_cannot_be_made_fail_alone_in_whatever_round(
    catcher: Catcher, settings: LazySettings, window: int
) -> None:
    settings.HAND_OVER, settings.LANE_CONNECTIONS = window, 1
    campaign = scene.campaign(*(f"Person{number:02}" for number in range(40)))
    campaign.contents.update(subject="{{ last_name }}")
    nameless = {"person00@example.org", "person20@example.org", "person38@example.org", "person39@example.org"}
    Subscriber.objects.exclude(email__in=nameless).update(last_name="Miller")

    scene.send(campaign)

    assert str(reports.ledger(campaign)) == "planned=40 sent=36 failed=4 skipped=0 uncertain=0"
    assert {mail.email for mail in campaign.deliveries.filter(status="failed")} == nameless
    assert {mail.recipient for mail in catcher.mails}.isdisjoint(nameless)
    assert len(catcher.mails) == 36
    assert not any(slot.window for slot in Slot.objects.all())
