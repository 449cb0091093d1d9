"""What readers change about themselves, and that nothing else changes with it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from subscribers.consent import flows, wishes
from subscribers.consent.flows import Evidence
from subscribers.consent.wishes import Wishes
from subscribers.models import ConsentRecord, MailingList, Subscriber, Subscription

pytestmark = pytest.mark.django_db

BY_STAFF = Evidence(ConsentRecord.Source.ADMIN, "Asked at the fair")
BY_READER = Evidence(ConsentRecord.Source.PREFERENCES, language="de", network_address="203.0.113.7")


@pytest.fixture
def ann():
    return Subscriber.objects.create(
        email="ann@example.org", first_name="Ann", language="de", attributes={"company": "Acme", "seats": 4}
    )


@pytest.fixture
def news():
    return MailingList.objects.create(name="News", label="news")


def grant(ann, **changes):
    done = wishes.grant(ann, Wishes(**changes), BY_READER)
    ann.refresh_from_db()
    return done


def test_lists_are_joined_and_left_exactly_as_wished(ann, news):
    tips, board = (MailingList.objects.create(name=name, label=name) for name in ("tips", "board"))
    flows.subscribe(ann, [news, board], BY_STAFF)

    changes = grant(ann, joins=frozenset({tips.pk}), leaves=frozenset({news.pk}))

    assert (changes.joined, changes.left) == ([tips], [news])
    assert flows.active_on(ann) == {board.pk, tips.pk}


def test_what_is_so_already_leaves_no_proof(ann, news):
    flows.subscribe(ann, [news], BY_STAFF)

    assert not grant(ann, joins=frozenset({news.pk}), facts={"language": "de"}, attributes={"seats": 4})

    assert ConsentRecord.objects.count() == 1


def test_facts_and_attributes_are_kept_and_the_others_stay(ann):
    changes = grant(
        ann, facts={"language": "ar", "wants_digest": True}, attributes={"seats": None, "born": "2001-02-03"}
    )

    assert changes.facts == {"language", "wants_digest"}
    assert changes.attributes == {"seats", "born"}
    assert (ann.language, ann.first_name, ann.wants_digest) == ("ar", "Ann", True)
    assert ann.attributes == {"company": "Acme", "born": "2001-02-03"}


def test_an_unconfirmed_subscription_waits_until_it_is_chosen(ann, news):
    Subscription.objects.create(subscriber=ann, mailing_list=news)

    grant(ann, facts={"first_name": "Anna"})
    assert ann.subscriptions.get().status == "pending"

    grant(ann, joins=frozenset({news.pk}))
    assert ann.subscriptions.get().status == "active"


@pytest.mark.parametrize(
    ("before", "wish", "recorded"),
    [
        (None, True, ["tracked"]),
        (None, False, ["untracked"]),
        (True, False, ["untracked"]),
        (True, None, ["untracked"]),
        (False, True, ["tracked"]),
        (False, None, ["untracked"]),
        (True, True, []),
    ],
)
def test_each_consent_to_tracking_and_its_end_is_proved(ann, before, wish, recorded):
    Subscriber.objects.update(may_track=before)

    grant(ann, facts={"may_track": wish})

    assert ann.may_track is wish
    assert list(ConsentRecord.objects.values_list("action", flat=True)) == recorded
    for record in ConsentRecord.objects.all():
        assert (record.source, record.language, record.mailing_list) == ("preferences", "de", None)


def test_who_is_gone_by_now_wishes_nothing_more(ann):
    Subscriber.objects.all().delete()

    assert not wishes.grant(ann, Wishes(facts={"language": "ar"}), BY_READER)


@pytest.mark.django_db(transaction=True)
def test_what_is_changed_at_the_same_moment_is_all_kept(ann):
    def change(number):
        try:
            wishes.grant(ann, Wishes(attributes={f"fact{number}": number}), BY_READER)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(change, range(8)))

    ann.refresh_from_db()
    assert ann.attributes == {"company": "Acme", "seats": 4} | {f"fact{number}": number for number in range(8)}
