"""A campaign of which too many mails fail pauses itself."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.composition.recipient import Recipient
from campaigns.delivery import brake, engine
from campaigns.delivery.desk import Mail
from campaigns.delivery.ledger import Tried
from campaigns.delivery.replies import Kind, Outcome
from campaigns.models import Delivery
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)


def readers(number: int) -> list[str]:
    return [f"reader{at:03}" for at in range(number)]


def refuse_every(catcher: Catcher, nth: int, names: list[str]) -> None:
    for name in names[::nth]:
        catcher.refuse(f"{name}@example.org", "550 5.1.1 no such user here")


def tried(number: int) -> Tried:
    someone = Recipient(number, "", "reader@example.org", "", "", "en", {})
    return Tried(Mail(number, someone, None, None, 0, True), Outcome(Kind.REFUSED, answer="550 no"), timezone.now())


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


def test_once_too_many_failed_no_more_than_a_window_leaves(catcher: Catcher, settings: object) -> None:
    settings.LANE_CONNECTIONS, settings.HAND_OVER = 1, 4
    names = readers(200)
    refuse_every(catcher, 1, names)
    campaign = scene.campaign(*names)

    scene.send(campaign)

    assert campaign.status == "paused"
    assert 100 <= Delivery.objects.exclude(status="queued").count() <= 104


def test_nothing_is_counted_in_the_transaction_that_hands_mails_over(catcher: Catcher) -> None:
    names = readers(120)
    refuse_every(catcher, 20, names)
    campaign = scene.start(scene.campaign(*names))
    counted: list[bool] = []

    def watch(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        if "COUNT(" in sql and "campaigns_delivery" in sql:
            counted.append(context["connection"].in_atomic_block)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        for transport in engine.needed_lanes():
            engine.run(transport)

    assert campaign.deliveries.filter(status="failed").count() == 6
    assert counted
    assert not any(counted)


def test_of_many_mails_failures_are_counted_again_when_they_could_be_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brake, "LEAST_TRIED", 10)
    campaign = scene.start(scene.campaign(*readers(300)))
    mails = list(campaign.deliveries.order_by("pk").values_list("pk", flat=True))

    def fail(numbers: list[int]) -> str:
        Delivery.objects.filter(pk__in=numbers).update(status="failed", reason="550 no")
        brake.look_at([tried(number) for number in numbers])
        campaign.refresh_from_db()
        return campaign.status

    Delivery.objects.filter(pk__in=mails[:200]).update(status="sent")
    assert fail(mails[200:212]) == "sending"
    assert [fail([number]) for number in mails[212:222]] == ["sending"] * 10

    # Ten percent of what was tried, and the others have not left.
    assert fail(mails[222:225]) == "paused"
