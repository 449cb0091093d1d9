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
from campaigns.models import Attempt, Batch, Campaign, Delivery, Slot
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)

Kind = Attempt.Outcome
# A lane on a machine of which nothing is known here.
FAR = "elsewhere:1:2::lane"
WAITING_SECONDS = 0.5


@contextmanager
def meanwhile(work: Callable[[], object]) -> Iterator[None]:
    """`work` is begun by another process before the block ends, and may have to wait for it."""

    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    other = threading.Thread(target=run)
    with transaction.atomic():
        yield
        other.start()
        other.join(WAITING_SECONDS)
    other.join()


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
