"""Two who decide about the same mails at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from campaigns.delivery import batches, ledger, slots, sweep
from campaigns.delivery.desk import Desk, Mail
from campaigns.delivery.ledger import Tried
from campaigns.delivery.replies import Outcome
from campaigns.models import Attempt, Batch, Campaign, Delivery, Limit, Slot
from tests.campaigns.delivery import scene
from tests.campaigns.delivery.lanes import FAR
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)

Kind = Attempt.Outcome
WAITING_SECONDS = 0.5


@contextmanager
def meanwhile(work: Callable[[], object], then: Callable[[], object] = bool) -> Iterator[None]:
    """Another process begins to `work` before the block ends, `then` follows in it, and one may wait for the other."""

    failures: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=run)
    with transaction.atomic():
        yield
        other.start()
        other.join(WAITING_SECONDS)
        then()
    other.join()
    assert not failures


def on_a_wire(campaign: Campaign) -> tuple[Batch, Mail]:
    slot, *_others = slots.take(scene.transport(), FAR, 1)
    batch = batches.claim(campaign, FAR)
    assert batch
    (mail,) = Desk(campaign).waiting(batch.pk, 0, 1)
    slots.put_on_wire(FAR, {slot.pk: ([mail.number], {})})
    return batch, mail


def lease_ends() -> None:
    Slot.objects.exclude(owner="").update(leased_until=timezone.now() - timedelta(seconds=1))


def tried(mail: Mail, kind: str) -> Tried:
    return Tried(mail, Outcome(kind, answer="so it is", names_recipient=True), timezone.now())


def test_mails_sent_again_while_their_batch_is_put_back_do_not_wait_for_ever(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    batch, mail = on_a_wire(campaign)
    ledger.record([tried(mail, Kind.UNKNOWN)], None)

    with meanwhile(lambda: batches.put_back(batch, FAR)):
        ledger.send_again([mail.number])
    with transaction.atomic():
        slots.leave(FAR)
    scene.send(campaign)

    assert [mail.recipient for mail in catcher.mails] == ["ann@example.org"]
    assert campaign.status == "sent"


def test_a_mail_that_is_just_found_to_have_arrived_is_not_sent_again(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    _batch, mail = on_a_wire(campaign)
    lease_ends()
    sweep.settle_lost_lanes()

    with meanwhile(lambda: ledger.send_again([mail.number])):
        ledger.record([tried(mail, Kind.ACCEPTED)], None)
    scene.send(campaign)

    assert catcher.mails == []
    assert Delivery.objects.get().status == "sent"


def test_a_campaign_goes_on_if_a_lane_that_was_given_up_tells_that_a_mail_has_to_wait(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    _batch, mail = on_a_wire(campaign)
    lease_ends()
    sweep.settle_lost_lanes()
    sweep.finish_done()
    campaign.refresh_from_db()
    assert campaign.status == "sent"

    with transaction.atomic():
        ledger.record_late([tried(mail, Kind.DEFERRED)], None)

    campaign.refresh_from_db()
    assert campaign.status == "sending"
    scene.let_time_pass(campaign)
    scene.send(campaign)
    assert [mail.recipient for mail in catcher.mails] == ["ann@example.org"]
    assert campaign.status == "sent"


def test_a_rejection_that_is_written_twice_since_nobody_heard_of_the_commit_counts_once(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    _batch, mail = on_a_wire(campaign)
    rejected = tried(mail, Kind.REJECTED)

    ledger.record([rejected], None)
    ledger.record([rejected], None)

    assert Delivery.objects.get().status == "queued"


@pytest.mark.parametrize("kind", [Kind.DEFERRED, Kind.UNKNOWN, Kind.ACCEPTED, Kind.REFUSED, Kind.UNAVAILABLE])
def test_a_try_that_is_written_twice_since_nobody_heard_of_the_commit_is_one_try(kind: str, catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    _batch, mail = on_a_wire(campaign)
    once = tried(mail, kind)

    ledger.record([once], None)
    known = Delivery.objects.values().get()
    ledger.record([once], None)

    assert Delivery.objects.values().get() == known
    assert Attempt.objects.count() == 1


def test_what_staff_decided_about_an_uncertain_mail_outlives_a_repeated_commit(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann"))
    _batch, mail = on_a_wire(campaign)
    once = tried(mail, Kind.UNKNOWN)
    ledger.record([once], None)

    ledger.send_again([mail.number])
    ledger.record([once], None)

    assert Delivery.objects.get().status == "queued"


def test_staff_and_a_lane_who_wait_for_each_other_both_get_what_they_want(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann", "Bob"))
    ann, bob = campaign.deliveries.order_by("pk")
    Delivery.objects.update(status="uncertain")

    with meanwhile(lambda: ledger.send_again([ann.pk, bob.pk]), then=campaign.pause):
        # As a lane does: first the mails, then their campaign.
        ledger.confirm_sent([ann.pk])

    campaign.refresh_from_db()
    assert campaign.status == "paused"
    assert dict(Delivery.objects.values_list("pk", "status")) == {ann.pk: "sent", bob.pk: "queued"}


def test_the_sweeper_gives_way_to_a_lane_that_is_at_work_after_all(catcher: Catcher) -> None:
    campaign = scene.start(scene.campaign("Ann", limit_per_hour=100))
    slot, *_others = slots.take(scene.transport(), FAR, 1)
    key = f"campaign:{campaign.pk}:hour"
    slots.put_on_wire(FAR, {slot.pk: ([], {key: 1})})
    Limit.objects.create(key=key)
    lease_ends()

    # As a lane does: first its limits, then its slots.
    with meanwhile(sweep.settle_lost_lanes, then=lambda: slots.keep(FAR, 1)):
        Limit.objects.select_for_update().get(key=key)

    if connection.vendor == "postgresql":
        assert Slot.objects.get(pk=slot.pk).owner == FAR
