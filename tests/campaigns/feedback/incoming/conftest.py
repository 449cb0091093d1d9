"""A campaign that was sent to Ann and Bob, and what became of them by what came in."""

from __future__ import annotations

import pytest

from campaigns.models import Campaign, Event
from subscribers.models import Subscriber, Suppression
from tests.campaigns.delivery import scene
from tests.catcher import Catcher


@pytest.fixture
def campaign(catcher: Catcher) -> Campaign:
    return scene.send(scene.campaign("Ann", "Bob"))


@pytest.fixture
def sent(campaign: Campaign, catcher: Catcher) -> bytes:
    """Ann's mail as it left."""
    return catcher.to("ann@example.org")[0].content


def statuses(name: str = "ann") -> list[str]:
    return [each.status for each in Subscriber.objects.get(email=f"{name}@example.org").subscriptions.all()]


def events() -> list[tuple[str, str]]:
    return [(event.delivery.email, event.kind) for event in Event.objects.select_related("delivery")]


def stopped(address: str = "ann@example.org") -> list[str]:
    return [row.reason for row in Suppression.objects.of(address)]
