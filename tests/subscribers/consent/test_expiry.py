"""A consent that was only implied ends by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from subscribers.consent import flows
from subscribers.consent.expiry import end_expired
from subscribers.consent.flows import Evidence
from subscribers.models import ConsentRecord, MailingList, Subscriber, Subscription

pytestmark = pytest.mark.django_db


@pytest.fixture
def news():
    return MailingList.objects.create(name="News", label="news")


@pytest.fixture
def ann():
    return Subscriber.objects.create(email="ann@example.org")


def implied(days: int) -> Evidence:
    return Evidence("admin", "Bought something", expires_at=timezone.now() + timedelta(days=days))


def test_it_stops_at_its_moment_and_is_written_down_later(ann, news):
    flows.subscribe(ann, [news], implied(-1))
    assert not ann.subscriptions.active().exists()

    assert not end_expired(seconds=5)

    assert ann.subscriptions.get().status == "ended"
    record = ann.consent_records.first()
    assert (record.action, record.source, record.basis) == ("withdrawn", "expiry", "implied")
    assert not end_expired(seconds=5)
    assert ConsentRecord.objects.count() == 2


def test_what_has_not_expired_goes_on(ann, news):
    flows.subscribe(ann, [news], implied(10))

    end_expired(seconds=5)

    assert ann.subscriptions.active().exists()
    assert Subscription.objects.expiring(timedelta(days=30)).count() == 1
    assert Subscription.objects.expiring(timedelta(days=5)).count() == 0


def test_an_express_consent_makes_it_last(ann, news):
    flows.subscribe(ann, [news], implied(10))

    flows.subscribe(ann, [news], Evidence("form", "Yes, please"))

    assert ann.subscriptions.get().expires_at is None
    assert [record.basis for record in ann.consent_records.all()] == ["express", "implied"]


def test_an_implied_consent_never_shortens_another(ann, news):
    flows.subscribe(ann, [news], Evidence("form", "Yes, please"))

    assert flows.subscribe(ann, [news], implied(10)) == []

    assert ann.subscriptions.get().expires_at is None


def test_the_page_of_the_list_tells_how_many_expire(admin_client, ann, news):
    flows.subscribe(ann, [news], implied(10))

    page = admin_client.get(f"/admin/subscribers/mailinglist/{news.pk}/change/").content.decode()

    assert "expires within 30 days" in page


def test_the_ledger_is_shown_and_cannot_be_changed(admin_client, ann, news):
    flows.subscribe(ann, [news], implied(10))
    record = ann.consent_records.get()

    assert (
        "Bought something" in admin_client.get("/admin/subscribers/consentrecord/?q=Ann@Example.org").content.decode()
    )
    assert (
        "Bought something"
        not in admin_client.get("/admin/subscribers/consentrecord/?q=bob@example.org").content.decode()
    )
    admin_client.post(f"/admin/subscribers/consentrecord/{record.pk}/change/", {"statement": "Forged"})
    record.refresh_from_db()
    assert record.statement == "Bought something"
