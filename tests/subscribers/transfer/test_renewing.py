"""Consent that was only implied is renewed by an import that states a new one."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from subscribers.consent import flows
from subscribers.consent.expiry import end_expired
from subscribers.consent.flows import Evidence
from subscribers.models import ConsentRecord, Import, MailingList, Subscriber, Subscription, Suppression
from tests.subscribers.transfer.files import check, import_people, issues, receive, undo, workbook

pytestmark = pytest.mark.django_db
ROWS = workbook(["Email"], ["ann@example.org"])
THEMSELVES = Evidence(ConsentRecord.Source.ONE_CLICK)


def in_days(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


@pytest.fixture
def ann() -> Subscriber:
    return Subscriber.objects.create(email="ann@example.org")


def bought_something(ann: Subscriber, news: MailingList, *, until: datetime, is_written_down: bool = True) -> None:
    flows.subscribe(ann, [news], Evidence("admin", "Bought something", expires_at=until))
    if is_written_down:
        end_expired(seconds=5)


def state() -> list[tuple[object, ...]]:
    return list(Subscription.objects.order_by("pk").values_list("status", "ended_at", "expires_at", "created_at"))


@pytest.mark.parametrize("is_written_down", [True, False])
@pytest.mark.parametrize("days", [None, 30])
def test_what_has_expired_holds_again(
    ann: Subscriber, news: MailingList, days: int | None, is_written_down: bool
) -> None:
    bought_something(ann, news, until=in_days(-1), is_written_down=is_written_down)
    until = in_days(days) if days else None

    checked = check(receive(ROWS, news, consent_expires_at=until))
    done = import_people(ROWS, news, consent_expires_at=until)

    assert checked.counts == done.counts == {"updated": 1, "renewed": 1}
    assert state()[0][:3] == ("active", None, until)
    assert ann.subscriptions.active().exists()
    proof = ann.consent_records.first()
    assert proof is not None
    assert (proof.action, proof.found_in, proof.expires_at) == ("granted", done, until)
    assert proof.basis == ("implied" if days else "express")


@pytest.mark.parametrize(("days", "counts"), [(None, {"updated": 1, "renewed": 1}), (30, {"updated": 1, "renewed": 1})])
def test_what_will_expire_holds_longer(
    ann: Subscriber, news: MailingList, days: int | None, counts: dict[str, int]
) -> None:
    bought_something(ann, news, until=in_days(10))
    until = in_days(days) if days else None

    assert import_people(ROWS, news, consent_expires_at=until).counts == counts
    assert import_people(ROWS, news, consent_expires_at=until).counts == {"unchanged": 1}

    assert ann.subscriptions.get().expires_at == until


def test_nothing_holds_shorter(ann: Subscriber, news: MailingList) -> None:
    bought_something(ann, news, until=in_days(10))
    before = state()

    done = import_people(ROWS, news, consent_expires_at=in_days(5))

    assert (done.counts, state()) == ({"unchanged": 1}, before)


@pytest.mark.parametrize("is_over", [True, False])
def test_who_left_of_their_own_accord_is_not_put_back(ann: Subscriber, news: MailingList, is_over: bool) -> None:
    bought_something(ann, news, until=in_days(-1 if is_over else 10), is_written_down=False)
    flows.unsubscribe(ann, [news], THEMSELVES)

    done = import_people(ROWS, news)

    assert (done.counts, issues(done)) == ({"left": 1}, [(2, "left")])
    assert not ann.subscriptions.active().exists()


def test_who_leaves_when_it_is_over_already_is_not_put_back_either(ann: Subscriber, news: MailingList) -> None:
    bought_something(ann, news, until=in_days(-1))

    assert flows.unsubscribe(ann, [news], THEMSELVES) == []
    assert flows.unsubscribe(ann, [news], THEMSELVES) == []
    done = import_people(ROWS, news)

    assert done.counts == {"left": 1}
    assert list(ann.consent_records.values_list("source", flat=True)) == ["one_click", "expiry", "admin"]


def test_an_import_that_states_no_consent_renews_nothing_and_says_so(ann: Subscriber, news: MailingList) -> None:
    bought_something(ann, news, until=in_days(-1))

    done = import_people(ROWS, news, needs_confirmation=True)

    assert done.counts == {"left": 1}
    assert "has expired" in done.issues.get().message
    assert not ann.subscriptions.active().exists()


def test_who_is_suppressed_on_the_list_is_not_renewed(ann: Subscriber, news: MailingList) -> None:
    bought_something(ann, news, until=in_days(-1))
    Suppression.objects.create(fingerprint=ann.fingerprint, mailing_list=news, reason="complained")

    assert import_people(ROWS, news).counts == {"left": 1}


@pytest.mark.parametrize(("days", "is_written_down"), [(-1, True), (-1, False), (10, False)])
def test_undoing_makes_it_as_it_was(ann: Subscriber, news: MailingList, days: int, is_written_down: bool) -> None:
    bought_something(ann, news, until=in_days(days), is_written_down=is_written_down)
    before = state()
    done = import_people(ROWS, news)
    assert state() != before

    undone = undo(done)

    assert (undone.status, state()) == ("undone", before)
    last = ann.consent_records.first()
    assert last is not None
    assert (last.action, last.found_in) == ("withdrawn", done)


def test_undoing_leaves_whoever_did_something_since(ann: Subscriber, news: MailingList) -> None:
    bought_something(ann, news, until=in_days(-1))
    done = import_people(ROWS, news)
    flows.unsubscribe(ann, [news], THEMSELVES)
    before = state()

    undo(done)

    assert state() == before
    assert Import.objects.get(pk=done.pk).journal.get().undone["kept"] == {"acted": [ann.pk]}


def test_the_report_says_how_many_were_renewed(admin_client, ann: Subscriber, news: MailingList) -> None:
    bought_something(ann, news, until=in_days(-1))
    done = import_people(ROWS, news)

    page = admin_client.get(f"/admin/subscribers/import/{done.pk}/change/").content.decode()

    assert "The consent of 1 subscription was only implied" in page
