"""Nothing is kept for longer than the rules say."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from campaigns.models import Attempt, Delivery
from subscribers import retention
from subscribers.models import (
    ConsentRecord,
    Import,
    ImportIssue,
    ImportJournal,
    MailingList,
    RetentionRule,
    Subscriber,
    Subscription,
)
from subscribers.tasks import keep_house

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=4000)


def rule(kind: str) -> RetentionRule:
    RetentionRule.objects.filter(kind=kind).update(is_active=True)
    return RetentionRule.objects.get(kind=kind)


@pytest.fixture
def news(db):
    return MailingList.objects.create(name="News", label="news")


def pending(name: str, *lists: MailingList, at=None) -> Subscriber:
    someone = Subscriber.objects.create(email=f"{name}@example.org")
    for each in lists:
        Subscription.objects.create(subscriber=someone, mailing_list=each)
    Subscriber.objects.filter(pk=someone.pk).update(created_at=at or timezone.now())
    Subscription.objects.filter(subscriber=someone).update(created_at=at or timezone.now())
    return someone


def test_who_never_confirmed_goes_unless_something_else_keeps_them(news):
    tips = MailingList.objects.create(name="Tips", label="tips")
    pending("ann", news, at=LONG_AGO)
    pending("bob", news)
    chloe = pending("chloe", news, at=LONG_AGO)
    Subscription.objects.create(subscriber=chloe, mailing_list=tips, status="active")
    Subscriber.objects.filter(email="dilnoza@example.org")
    pending("dilnoza", at=LONG_AGO)

    unconfirmed = rule("unconfirmed")
    assert retention.would_remove(unconfirmed) == 2
    assert not retention.carry_out(unconfirmed, seconds=5)

    left = Subscriber.objects.order_by("email").values_list("email", flat=True)
    assert list(left) == ["bob@example.org", "chloe@example.org", "dilnoza@example.org"]
    assert chloe.subscriptions.get().mailing_list == tips
    assert retention.would_remove(unconfirmed) == 0


def test_rows_of_imports_go_and_the_report_keeps_its_figures(news):
    for name, finished_at in (("old.csv", LONG_AGO), ("new.csv", timezone.now())):
        over = Import.objects.create(name=name, status="done", finished_at=finished_at, counts={"new": 3}, sample=[[1]])
        ImportIssue.objects.create(found_in=over, row=1, reason="syntax", message="?", values=["x"])
        ImportJournal.objects.create(found_in=over, cursor=1, entries={"changed": []})

    assert retention.would_remove(rule("import_files")) == 2
    retention.carry_out(rule("import_files"), seconds=5)

    old, new = Import.objects.get(name="old.csv"), Import.objects.get(name="new.csv")
    assert (old.issues.count(), old.journal.count(), old.sample, old.counts) == (0, 0, [], {"new": 3})
    assert (new.issues.count(), new.journal.count(), new.sample) == (1, 1, [[1]])


def test_network_addresses_go_and_the_proof_stays(news):
    for at in (LONG_AGO, timezone.now()):
        ConsentRecord.objects.create(action="granted", source="form", network_address="203.0.113.7", recorded_at=at)

    retention.carry_out(rule("network_addresses"), seconds=5)

    assert list(ConsentRecord.objects.order_by("id").values_list("network_address", flat=True)) == [None, "203.0.113.7"]


def test_the_words_of_servers_go_and_outcomes_stay(monkeypatch):
    monkeypatch.setattr("campaigns.feedback.retention.RANGE", 3)
    delivery = Delivery.objects.create(email="ann@example.org")
    for at in [LONG_AGO] * 7 + [timezone.now()] * 2:
        Attempt.objects.create(delivery=delivery, outcome="accepted", answer="250 ok", tried_at=at)

    logs = rule("logs")
    assert retention.would_remove(logs) == 7
    retention.carry_out(logs, seconds=5)

    assert Attempt.objects.filter(answer="").count() == 7
    assert Attempt.objects.filter(outcome="accepted").count() == 9
    Attempt.objects.exclude(answer="").update(tried_at=LONG_AGO)
    retention.carry_out(RetentionRule.objects.get(kind="logs"), seconds=5)
    assert not Attempt.objects.exclude(answer="").exists()


def test_a_rule_that_is_not_in_force_only_tells(news, capsys):
    pending("ann", news, at=LONG_AGO)

    keep_house()
    call_command("retain", "--dry-run")
    call_command("retain")

    assert Subscriber.objects.exists()
    assert "1 would be removed now" in capsys.readouterr().out


def test_each_day_what_is_in_force_is_carried_out(news):
    pending("ann", news, at=LONG_AGO)
    unconfirmed = rule("unconfirmed")

    keep_house()

    unconfirmed.refresh_from_db()
    assert not Subscriber.objects.exists()
    assert (unconfirmed.removed, unconfirmed.ran_at is not None) == (1, True)
