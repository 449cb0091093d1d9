import pytest

from subscribers.consent import flows
from subscribers.consent.flows import Evidence
from subscribers.models import ConsentRecord, MailingList, Subscriber, Subscription, Suppression

pytestmark = pytest.mark.django_db

BY_STAFF = Evidence(ConsentRecord.Source.ADMIN, "Asked at the fair")
BY_READER = Evidence(ConsentRecord.Source.PREFERENCES, language="de", network_address="203.0.113.7")


@pytest.fixture
def ann():
    return Subscriber.objects.create(email="ann@example.org", first_name="Ann", language="de")


@pytest.fixture
def news():
    return MailingList.objects.create(name="News", label="news")


@pytest.fixture
def board():
    return MailingList.objects.create(name="Board", label="board", is_public=False)


def records():
    return list(ConsentRecord.objects.order_by("id").values_list("action", "source", "mailing_list__label"))


def test_joining_makes_an_active_subscription_and_its_proof(ann, news):
    assert flows.subscribe(ann, [news], BY_STAFF) == [news]

    assert ann.subscriptions.get().status == "active"
    record = ConsentRecord.objects.get()
    assert (record.action, record.source, record.statement) == ("granted", "admin", "Asked at the fair")


def test_joining_twice_leaves_one_proof(ann, news):
    flows.subscribe(ann, [news], BY_STAFF)

    assert flows.subscribe(ann, [news], BY_STAFF) == []

    assert records() == [("granted", "admin", "news")]


def test_leaving_ends_the_subscription_and_says_who_when_and_from_where(ann, news):
    flows.subscribe(ann, [news], BY_STAFF)

    assert flows.unsubscribe(ann, [news], BY_READER) == [news]

    subscription = ann.subscriptions.get()
    record = ConsentRecord.objects.first()
    assert subscription.status == "ended"
    assert subscription.ended_at
    assert (record.action, record.language, record.network_address) == ("withdrawn", "de", "203.0.113.7")


def test_leaving_twice_leaves_one_proof(ann, news):
    flows.subscribe(ann, [news], BY_STAFF)
    flows.unsubscribe(ann, [news], BY_READER)

    assert flows.unsubscribe(ann, [news], BY_READER) == []

    assert records() == [("granted", "admin", "news"), ("withdrawn", "preferences", "news")]


def test_whoever_was_not_yet_confirmed_can_leave_too(ann, news):
    Subscription.objects.create(subscriber=ann, mailing_list=news)

    assert flows.unsubscribe(ann, [news], BY_READER) == [news]


def test_leaving_everything_ends_all_and_lets_nobody_else_bring_the_person_back(ann, news, board):
    flows.subscribe(ann, [news, board], BY_STAFF)

    assert set(flows.leave_everything(ann, BY_READER)) == {news, board}
    flows.leave_everything(ann, BY_READER)

    assert not ann.subscriptions.active().exists()
    assert Suppression.objects.get().reason == "left"
    assert records()[-1] == ("withdrawn", "preferences", None)
    assert len(records()) == 5


def test_coming_back_after_leaving_everything_allows_mail_again(ann, news, board):
    flows.subscribe(ann, [news, board], BY_STAFF)
    flows.leave_everything(ann, BY_READER)

    joined = flows.come_back(ann, [news.pk, board.pk], BY_READER)

    assert set(joined) == {news, board}
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("reason", ["bounced", "complained", "manual", "erased"])
def test_coming_back_does_not_lift_what_others_decided(ann, news, reason):
    Suppression.objects.add(ann.email, reason)

    flows.come_back(ann, [news.pk], BY_READER)

    assert Suppression.objects.get().reason == reason


def test_a_suppression_by_the_reader_keeps_an_older_reason(ann):
    Suppression.objects.add(ann.email, Suppression.Reason.BOUNCED)

    flows.leave_everything(ann, BY_READER)
    flows.come_back(ann, [], BY_READER)

    assert Suppression.objects.get().reason == "bounced"


def test_nobody_joins_a_private_list_alone(ann, board):
    assert flows.come_back(ann, [board.pk], BY_READER) == []

    assert not ann.subscriptions.exists()


def test_whom_staff_took_off_a_private_list_cannot_put_themselves_back(ann, board):
    flows.subscribe(ann, [board], BY_STAFF)
    flows.unsubscribe(ann, [board], BY_STAFF)

    assert flows.come_back(ann, [board.pk], BY_READER) == []
    assert flows.left_alone(ann, [board]) == []


def test_who_left_a_private_list_alone_may_come_back(ann, board):
    flows.subscribe(ann, [board], BY_STAFF)
    flows.unsubscribe(ann, [board], BY_READER)

    assert flows.left_alone(ann, [board]) == [board]
    assert flows.come_back(ann, [board.pk], BY_READER) == [board]


def test_the_page_shows_public_lists_and_those_one_is_on(ann, news, board):
    secret = MailingList.objects.create(name="Secret", label="secret", is_public=False)
    flows.subscribe(ann, [board], BY_STAFF)

    shown = {each.mailing_list: each.status for each in flows.shown_to(ann)}

    assert shown == {news: "ended", board: "active"}
    assert secret not in shown


def test_suppressing_many_counts_those_that_are_new():
    Suppression.objects.add("ann@example.org", Suppression.Reason.BOUNCED)

    new = flows.suppress(["ann@example.org", "bob@example.org"], Suppression.Reason.MANUAL, note="By phone")

    assert new == 1
    assert Suppression.objects.of("ann@example.org").get().reason == "bounced"
    assert Suppression.objects.of("bob@example.org").get().note == "By phone"


def test_the_ledger_of_consent_cannot_be_rewritten(ann, news):
    flows.subscribe(ann, [news], BY_STAFF)
    record = ConsentRecord.objects.get()

    with pytest.raises(TypeError):
        record.save()
    with pytest.raises(TypeError):
        record.delete()

    assert ConsentRecord.objects.count() == 1
