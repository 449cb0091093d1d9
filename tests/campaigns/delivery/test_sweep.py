"""Campaigns that are done end, and those that cannot be done cost nothing."""

from __future__ import annotations

import logging

import pytest

from campaigns.delivery import sweep
from campaigns.models import Campaign, Delivery
from tests.campaigns.delivery import scene

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign(caplog: pytest.LogCaptureFixture) -> Campaign:
    """Somebody in its audience has no delivery."""
    made = scene.start(scene.campaign("Ann"))
    Delivery.objects.update(status="sent")
    made.batches.update(due_at=None)
    Campaign.objects.update(planned=2)
    caplog.set_level(logging.ERROR, "campaigns.delivery.sweep")
    return made


def test_a_campaign_that_does_not_add_up_is_not_counted_each_second(
    campaign: Campaign, caplog: pytest.LogCaptureFixture
) -> None:
    for _second in range(3):
        sweep.finish_done()

    assert [record.message for record in caplog.records if "does not add up" in record.message] == [
        f"Campaign {campaign.pk} does not add up: planned=2 sent=1 failed=0 skipped=0 uncertain=0"
    ]


def test_a_campaign_that_adds_up_again_ends(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "RECOUNT_SECONDS", 0.0)
    sweep.finish_done()
    Campaign.objects.update(planned=1)

    sweep.finish_done()

    campaign.refresh_from_db()
    assert campaign.status == "sent"
