"""A campaign of which too many mails fail pauses itself."""

from __future__ import annotations

import pytest

from campaigns.models import Delivery
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def readers(number: int) -> list[str]:
    return [f"reader{at:03}" for at in range(number)]


def refuse_every(catcher: Catcher, nth: int, names: list[str]) -> None:
    for name in names[::nth]:
        catcher.refuse(f"{name}@example.org", "550 5.1.1 no such user here")


def test_a_campaign_pauses_when_too_many_of_its_mails_fail(catcher: Catcher) -> None:
    names = readers(300)
    refuse_every(catcher, 5, names)
    campaign = scene.campaign(*names)

    scene.send(campaign)

    assert campaign.status == "paused"
    assert "mails failed, which is too many. The last answer: 550 5.1.1 no such user" in campaign.pause_reason
    tried = Delivery.objects.exclude(status="queued").count()
    assert 100 <= tried < 200


def test_whoever_resumes_it_knows_of_the_failures_and_only_new_ones_count(catcher: Catcher) -> None:
    names = readers(300)
    refuse_every(catcher, 5, names[:150])
    campaign = scene.send(scene.campaign(*names))
    assert campaign.status == "paused"

    campaign.resume()
    scene.send(campaign)

    assert campaign.status == "sent"


def test_few_failures_pause_nothing(catcher: Catcher) -> None:
    names = readers(250)
    refuse_every(catcher, 12, names)
    campaign = scene.campaign(*names)

    scene.send(campaign)

    assert campaign.status == "sent"
    assert Delivery.objects.filter(status="failed").count() == 21


def test_of_a_few_mails_nobody_can_tell(catcher: Catcher) -> None:
    names = readers(90)
    refuse_every(catcher, 2, names)
    campaign = scene.campaign(*names)

    scene.send(campaign)

    assert campaign.status == "sent"
