"""Whoever joins a list of their own wish is welcomed once, and the sum of the welcome mail always adds up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from campaigns.delivery import ledger
from campaigns.models import Batch, Campaign, Delivery, RecipientDomain
from subscribers.consent import flows, pauses
from subscribers.consent.flows import Evidence
from subscribers.models import ConsentRecord, MailingList, Subscriber
from tests.campaigns.delivery import scene
from tests.campaigns.delivery.welcome.moves import join, sums, work
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db

Source = ConsentRecord.Source


@pytest.mark.parametrize("source", [Source.FORM, Source.PREFERENCES, Source.API])
def test_whoever_joins_is_welcomed_in_their_language(
    greeting: Campaign, news: MailingList, catcher: Catcher, source: str
) -> None:
    join(scene.person("Dilnoza", language="de"), news, source=source)
    work()

    (sent,) = catcher.mails
    assert sent.message["Subject"] == "Welcome (de)"
    assert "Hello Dilnoza" in sent.message.get_body().get_content()
    assert "List-Unsubscribe" in sent.message
    assert sent.message["List-Id"] == "News <news.example.org>"
    assert sums(greeting) == "sending: planned=1 sent=1 failed=0 skipped=0 uncertain=0"


def test_who_wants_only_digests_is_welcomed_and_who_takes_a_break_is_not(
    greeting: Campaign, news: MailingList, catcher: Catcher
) -> None:
    bob = scene.person("Bob")
    pauses.pause(bob, timezone.now() + timedelta(days=30))

    join(scene.person("Ann", wants_digest=True), news)
    join(bob, news)
    work()

    assert [mail.recipient for mail in catcher.mails] == ["ann@example.org"]
    assert Delivery.objects.get(subscriber=bob).reason == "paused"


@pytest.mark.parametrize("source", [Source.IMPORT, Source.ADMIN])
def test_whoever_is_put_on_the_list_by_others_is_not(greeting: Campaign, news: MailingList, source: str) -> None:
    join(scene.person("Ann"), news, source=source)

    assert sums(greeting) == "sending: planned=0 sent=0 failed=0 skipped=0 uncertain=0"


def test_whoever_was_there_before_and_joins_another_list_is_not(greeting: Campaign, news: MailingList) -> None:
    ann = scene.person("Ann", news)
    join(ann, MailingList.objects.create(name="Tips", label="tips"))

    assert not Delivery.objects.exists()


def test_a_join_that_is_rolled_back_welcomes_nobody(greeting: Campaign, news: MailingList) -> None:
    with pytest.raises(RuntimeError):
        join_and_fail(scene.person("Ann"), news)

    assert sums(greeting) == "sending: planned=0 sent=0 failed=0 skipped=0 uncertain=0"
    assert not Batch.objects.exists()


@transaction.atomic
def join_and_fail(person: Subscriber, mailing_list: MailingList) -> None:
    join(person, mailing_list)
    assert Delivery.objects.exists()
    raise RuntimeError


def test_nobody_is_welcomed_twice(greeting: Campaign, news: MailingList, catcher: Catcher) -> None:
    ann = scene.person("Ann")
    join(ann, news)
    work()

    flows.unsubscribe(ann, [news], Evidence(source=Source.ONE_CLICK))
    flows.come_back(ann, [news.pk], Evidence(source=Source.PREFERENCES))
    ConsentRecord.objects.update(recorded_at=timezone.now() - timedelta(days=400))
    flows.unsubscribe(ann, [news], Evidence(source=Source.ONE_CLICK))
    ConsentRecord.objects.update(recorded_at=timezone.now() - timedelta(days=400))
    join(ann, news)
    work()

    assert len(catcher.mails) == 1


def test_whoever_only_takes_back_that_they_left_is_not_welcomed(greeting: Campaign, news: MailingList) -> None:
    ann = scene.person("Ann", news)
    flows.leave_everything(ann, Evidence(source=Source.PREFERENCES))
    flows.come_back(ann, [news.pk], Evidence(source=Source.PREFERENCES))

    assert not Delivery.objects.exists()


def test_whoever_leaves_before_it_left_gets_none_and_is_counted(
    greeting: Campaign, news: MailingList, catcher: Catcher
) -> None:
    ann = scene.person("Ann")
    join(ann, news)
    flows.unsubscribe(ann, [news], Evidence(source=Source.ONE_CLICK))
    work()

    assert catcher.mails == []
    assert sums(greeting) == "sending: planned=1 sent=0 failed=0 skipped=1 uncertain=0"


def test_a_mail_that_was_deferred_is_tried_again(greeting: Campaign, news: MailingList, catcher: Catcher) -> None:
    catcher.defer("ann@example.org", times=1)
    join(scene.person("Ann"), news)
    work()
    assert catcher.mails == []

    scene.let_time_pass(greeting)
    work()

    assert sums(greeting) == "sending: planned=1 sent=1 failed=0 skipped=0 uncertain=0"


def test_what_is_uncertain_can_be_sent_again(greeting: Campaign, news: MailingList, catcher: Catcher) -> None:
    catcher.drop_after_data("ann@example.org")
    join(scene.person("Ann"), news)
    work()
    assert sums(greeting) == "sending: planned=1 sent=0 failed=0 skipped=0 uncertain=1"

    catcher.data_replies.clear()
    ledger.send_again(Delivery.objects.values_list("pk", flat=True))
    work()

    assert sums(greeting) == "sending: planned=1 sent=1 failed=0 skipped=0 uncertain=0"


def test_a_limit_of_the_readers_domain_holds_for_it(greeting: Campaign, news: MailingList) -> None:
    RecipientDomain.objects.create(name="example.org", limit_per_hour=5)
    join(scene.person("Ann"), news)

    assert Batch.objects.get().domain == "example.org"
