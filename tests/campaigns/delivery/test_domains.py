"""A recipient's domain that wants less gets less, and nobody else waits for it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import pace
from campaigns.delivery import domains, engine
from campaigns.delivery.batches import put_back
from campaigns.models import Batch, Campaign, Delivery, RecipientDomain
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db(transaction=True)

BUSY = "421 4.7.0 too many mails from you, try later"
BIG = tuple(f"reader{number}@big.example.net" for number in range(40))


@pytest.fixture(autouse=True)
def one_by_one(settings: object) -> None:
    settings.LANE_CONNECTIONS = settings.HAND_OVER = 1


def planned(*names: str) -> tuple[Campaign, str]:
    """A campaign to these people, and who of the big domain is mailed first."""
    campaign = scene.start(scene.campaign(*names))
    first = campaign.deliveries.filter(email__endswith="@big.example.net").order_by("pk").first()
    return campaign, first.email


def big() -> RecipientDomain:
    return RecipientDomain.objects.get(name="big.example.net")


def test_a_domain_that_wants_less_rests_and_the_others_go_on(catcher: Catcher) -> None:
    campaign, first = planned("Ann", *BIG, "Bob")
    catcher.defer(first, BUSY)

    scene.send(campaign)

    assert {mail.recipient for mail in catcher.mails} == {"ann@example.org", "bob@example.org"}
    assert big().is_resting
    assert big().rest_reason == BUSY
    assert Delivery.objects.filter(tries__gt=0, status="queued").count() == 1
    assert set(Delivery.objects.filter(status="queued").values_list("due_at", flat=True)) == {big().resting_until}
    assert Batch.objects.get().due_at == big().resting_until
    assert engine.needed_lanes() == []


def test_each_rest_is_twice_as_long_up_to_an_hour_and_answers_meanwhile_count_once() -> None:
    for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
        for _answer in range(3):
            RecipientDomain.objects.rest("big.example.net", BUSY)

        assert big().resting_until - timezone.now() == pytest.approx(
            timedelta(minutes=minutes), abs=timedelta(seconds=5)
        )
        RecipientDomain.objects.update(resting_until=timezone.now())
    assert big().strikes == 8


def test_after_its_rest_a_domain_gets_everything_and_is_forgotten(catcher: Catcher) -> None:
    campaign, first = planned(*BIG)
    catcher.defer(first, BUSY, times=1)
    scene.send(campaign)

    scene.let_time_pass(campaign)
    scene.send(campaign)

    assert campaign.status == "sent"
    assert len(catcher.mails) == len(BIG)
    assert not RecipientDomain.objects.exists()


def test_waiting_for_a_domain_uses_up_no_tries(catcher: Catcher) -> None:
    catcher.defer(BIG[0], BUSY)
    campaign = scene.campaign(BIG[0])

    for _rest in range(12):
        scene.send(campaign)
        scene.let_time_pass(campaign)

    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.tries) == ("queued", 1)
    assert delivery.attempts.count() == 12


def test_a_mail_that_waited_for_days_fails_after_its_usual_tries(catcher: Catcher) -> None:
    catcher.defer(BIG[0], BUSY)
    campaign = scene.send(scene.campaign(BIG[0]))
    Delivery.objects.get().attempts.update(tried_at=timezone.now() - timedelta(days=3))

    for _try in range(7):
        scene.let_time_pass(campaign)
        scene.send(campaign)

    assert Delivery.objects.get().status == "failed"
    assert campaign.status == "sent"


def test_staff_wake_a_domain_up_and_what_waited_leaves_at_once(catcher: Catcher) -> None:
    campaign, first = planned(*BIG)
    catcher.defer(first, BUSY, times=1)
    scene.send(campaign)

    assert big().wake_up()
    domains.call_back(60)
    scene.send(campaign)

    assert len(catcher.mails) == len(BIG)
    assert not big().wake_up()


def test_however_many_wait_for_it_a_domain_is_woken_up_in_one_row(
    catcher: Catcher, django_assert_num_queries: Callable[..., AbstractContextManager[object]]
) -> None:
    campaign, first = planned(*BIG)
    catcher.defer(first, BUSY, times=1)
    scene.send(campaign)
    domain = big()

    with django_assert_num_queries(1):
        assert domain.wake_up()

    assert not big().is_resting
    assert RecipientDomain.objects.watched().count() == 0


def test_a_lane_that_puts_mails_back_after_their_domain_was_woken_up_finds_them_called_back(
    catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domains, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(domains, "MOST", 1)
    campaign, first = planned("Ann", *BIG)
    catcher.defer(first, BUSY, times=1)
    scene.send(campaign)
    told, batch = big().resting_until, Batch.objects.get()
    Batch.objects.update(owner="elsewhere:1:2::lane")
    assert big().wake_up()
    domains.call_back(0.01)
    assert Batch.objects.get().due_at == told

    put_back(batch, "elsewhere:1:2::lane")
    domains.call_back(0.01)
    scene.send(campaign)

    assert campaign.status == "sent"
    assert len(catcher.mails) == len(BIG) + 1


def test_a_domain_that_was_woken_up_is_forgotten_when_nobody_can_wait_for_it_any_more() -> None:
    RecipientDomain.objects.rest("big.example.net", BUSY)
    RecipientDomain.objects.create(name="limited.example.net", limit_per_hour=5)
    RecipientDomain.objects.rest("limited.example.net", BUSY)
    for domain in RecipientDomain.objects.all():
        assert domain.wake_up()
    RecipientDomain.objects.update(resting_until=timezone.now() - timedelta(seconds=1))

    domains.call_back(1)

    assert RecipientDomain.objects.get().name == "limited.example.net"
    assert RecipientDomain.objects.get().resting_until is None


def test_a_domain_that_was_woken_up_too_early_rests_again() -> None:
    RecipientDomain.objects.rest("big.example.net", BUSY)
    assert big().wake_up()

    RecipientDomain.objects.rest("big.example.net", BUSY)

    assert big().is_resting


def test_a_mail_that_was_accepted_before_a_rest_does_not_end_it() -> None:
    before = timezone.now()
    RecipientDomain.objects.rest("big.example.net", BUSY)
    RecipientDomain.objects.update(resting_until=timezone.now() - timedelta(minutes=1))
    RecipientDomain.objects.rest("big.example.net", BUSY)

    RecipientDomain.objects.recover("big.example.net", before)

    assert (big().strikes, big().is_resting) == (2, True)


def test_a_mail_that_was_accepted_after_a_rest_ends_it_once() -> None:
    RecipientDomain.objects.rest("big.example.net", BUSY)
    RecipientDomain.objects.update(resting_until=timezone.now() - timedelta(minutes=1))

    RecipientDomain.objects.recover("big.example.net", timezone.now() - timedelta(minutes=2))
    assert big().strikes == 1
    RecipientDomain.objects.recover("big.example.net", timezone.now())

    assert not RecipientDomain.objects.exists()


def test_a_resting_domain_with_a_limit_keeps_its_batch_and_its_limit(catcher: Catcher) -> None:
    RecipientDomain.objects.create(name="big.example.net", limit_per_hour=100_000)
    campaign, first = planned("Ann", *BIG)
    catcher.defer(first, BUSY, times=1)

    scene.send(campaign)
    assert pace.closed_domains() == ["big.example.net"]
    assert [mail.recipient for mail in catcher.mails] == ["ann@example.org"]

    scene.let_time_pass(campaign)
    scene.send(campaign)
    assert len(catcher.mails) == len(BIG) + 1
    assert (big().strikes, big().limit_per_hour) == (0, 100_000)


def test_the_name_of_a_rule_is_written_as_addresses_are() -> None:
    domain = RecipientDomain(name=" @Bücher.Example ")

    domain.full_clean()

    assert domain.name == "xn--bcher-kva.example"
