"""What breaks under a lane: its settings, its transport, its database."""

from __future__ import annotations

import pytest
from django.db import connection

from campaigns.delivery import batches, engine, lane, slots, snapshot, sweep
from campaigns.delivery.desk import Desk, Mail
from campaigns.delivery.post import START, PostDesk
from campaigns.models import Batch, Slot, Transport
from subscribers.models import Suppression
from tests.campaigns.delivery import scene
from tests.campaigns.delivery.lanes import FAR, cut_all_connections
from tests.campaigns.delivery.scripted import speaking
from tests.campaigns.outgoing import post
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)

SMTP = "django.core.mail.backends.smtp.EmailBackend"


def test_a_lane_that_breaks_leaves_its_slots_at_once(catcher: Catcher, settings: object) -> None:
    scene.start(scene.campaign("Ann"))
    settings.MAILERS = {"main": {"BACKEND": SMTP, "OPTIONS": {}}}

    with pytest.raises(TypeError):
        engine.run(Transport.objects.get())

    assert not Slot.objects.exclude(owner="").exists()


def test_what_a_dead_lane_had_is_free_although_its_transport_was_deleted(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    slots.take(scene.transport(), FAR, 1)
    assert batches.claim(campaign, FAR)
    Transport.objects.all().delete()
    scene.transport()

    sweep.settle_lost_lanes()
    scene.send(campaign)

    assert [mail.recipient for mail in catcher.mails] == ["ann@example.org"]
    assert campaign.status == "sent"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connections to cut")
def test_nothing_is_wrong_with_a_mail_that_is_read_when_the_database_goes_away(
    catcher: Catcher, settings: object
) -> None:
    settings.EMAIL_BACKEND = "campaigns.delivery.backend.EmailBackend"
    scene.transport()
    post.letter().send()
    batch = Batch.objects.get()
    desk = PostDesk()

    cut_all_connections()
    ((_place, mail),) = desk.waiting([batch.pk], START, 1)
    cut_all_connections()
    message = desk.compose(mail)

    assert message.to == ["ann@example.org"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connections to cut")
def test_who_is_suppressed_while_the_database_is_away_is_not_mailed(
    catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "KEEP_SECONDS", 0.5)
    campaign = scene.start(scene.campaign("Ann"))
    compose = Desk.compose

    def compose_as_the_database_goes_away(desk: Desk, mail: Mail) -> object:
        Suppression.objects.add("ann@example.org", Suppression.Reason.LEFT)
        cut_all_connections()
        return compose(desk, mail)

    monkeypatch.setattr(Desk, "compose", compose_as_the_database_goes_away)
    scene.send(campaign)

    assert catcher.mails == []
    assert campaign.deliveries.get().reason == "suppressed"


def test_a_lane_that_waits_for_a_limit_leaves_other_batches_to_others(
    catcher: Catcher, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "BATCH", 40)
    settings.LANE_SECONDS = 1
    scene.start(scene.campaign(*(f"Person{number}" for number in range(160))))
    Transport.objects.update(limit_per_second=4)
    in_hands = []

    def look(_number: int) -> None:
        in_hands.append(Batch.objects.exclude(owner="").count())
        connection.close()

    with speaking() as script:
        script.after_message = look
        settings.MAILERS = {"main": {"BACKEND": SMTP, "OPTIONS": script.options()}}
        engine.run(Transport.objects.get())

    assert len(in_hands) > 2
    assert max(in_hands) == 1
