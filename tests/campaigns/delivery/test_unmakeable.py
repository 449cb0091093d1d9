"""A batch of which no mail can be made."""

import pytest

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
