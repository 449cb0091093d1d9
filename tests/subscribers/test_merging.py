"""Two entries of one person become one, and no wish is lost."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign, Delivery
from subscribers import merging
from subscribers.models import ConsentRecord, MailingList, Subscriber, Subscription, Suppression, Tag
from tests.campaigns.delivery import scene

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def ann() -> Subscriber:
    return Subscriber.objects.create(
        email="ann@example.org", first_name="Ann", language="de", attributes={"company": "Acme"}
    )


@pytest.fixture
def annie() -> Subscriber:
    return Subscriber.objects.create(
        email="annie@example.com", first_name="Annie", last_name="Lee", attributes={"company": "Other", "seats": 3}
    )


@pytest.fixture
def news() -> MailingList:
    return MailingList.objects.create(name="News", label="news")


def put(person: Subscriber, mailing_list: MailingList, status: str, ended_days_ago: int = 0) -> Subscription:
    ended = NOW - timedelta(days=ended_days_ago) if status == "ended" else None
    return Subscription.objects.create(subscriber=person, mailing_list=mailing_list, status=status, ended_at=ended)


def agree(person: Subscriber, mailing_list: MailingList, days_ago: int) -> None:
    at = NOW - timedelta(days=days_ago)
    ConsentRecord.objects.create(
        subscriber=person, mailing_list=mailing_list, action="granted", source="form", recorded_at=at
    )


def test_chosen_values_win_and_everything_else_is_joined(ann: Subscriber, annie: Subscriber) -> None:
    annie.tags.add(Tag.objects.create(name="Fair"))
    values = {"first_name": "Annie", "last_name": "Lee", "attribute:company": "Acme", "attribute:seats": 3}

    merging.merge(ann, annie, values=values, keeps_address=True)

    ann.refresh_from_db()
    assert (ann.email, ann.name, ann.language) == ("ann@example.org", "Annie Lee", "")
    assert ann.attributes == {"company": "Acme", "seats": 3, "former_address": "annie@example.com"}
    assert [tag.name for tag in ann.tags.all()] == ["Fair"]
    assert list(Subscriber.objects.all()) == [ann]


@pytest.mark.parametrize(
    ("own", "brought", "agreed_days_ago", "expected"),
    [
        ("active", "ended", None, "ended"),
        ("ended", "active", None, "ended"),
        ("active", "ended", 90, "ended"),
        ("active", "ended", 5, "active"),
        ("ended", "active", 5, "active"),
        ("pending", "ended", 5, "ended"),
        ("pending", "active", None, "active"),
        ("active", "pending", None, "active"),
        (None, "ended", None, "ended"),
        (None, "active", None, "active"),
    ],
)
def test_who_left_stays_out_unless_they_agreed_again(
    ann: Subscriber,
    annie: Subscriber,
    news: MailingList,
    own: str | None,
    brought: str,
    agreed_days_ago: int | None,
    expected: str,
) -> None:
    for person, status in ((ann, own), (annie, brought)):
        if status:
            put(person, news, status, ended_days_ago=30)
            if status != "ended" and agreed_days_ago:
                agree(person, news, agreed_days_ago)

    merging.merge(ann, annie, values={})

    link = ann.subscriptions.get()
    assert link.status == expected
    assert (link.ended_at is None) == (expected != "ended")


def test_proofs_follow_and_a_leaving_that_wins_is_recorded(
    ann: Subscriber, annie: Subscriber, news: MailingList
) -> None:
    put(ann, news, "active")
    agree(ann, news, 90)
    put(annie, news, "ended", ended_days_ago=30)
    agree(annie, news, 80)

    merging.merge(ann, annie, values={})

    assert list(ann.consent_records.order_by("pk").values_list("action", flat=True)) == [
        "granted",
        "granted",
        "withdrawn",
    ]


@pytest.mark.parametrize(
    ("reason", "follows"), [("left", True), ("complained", True), ("manual", True), ("bounced", False)]
)
def test_a_wish_for_no_mail_is_the_persons_and_a_dead_address_is_not(
    ann: Subscriber, annie: Subscriber, reason: str, follows: bool
) -> None:
    Suppression.objects.add(annie.email, reason)

    merging.merge(ann, annie, values={})

    assert Suppression.objects.of("ann@example.org").exists() is follows
    assert Suppression.objects.of("annie@example.com").get().reason == reason


def test_lists_that_the_other_address_left_are_remembered_for_imports(
    ann: Subscriber, annie: Subscriber, news: MailingList
) -> None:
    put(annie, news, "ended")

    merging.merge(ann, annie, values={})

    assert Suppression.objects.of("annie@example.com").get().mailing_list == news


def test_mails_follow_and_of_a_campaign_that_both_got_one_stays_without_a_person() -> None:
    both = scene.send(scene.campaign("Ann", "Bob"))
    ann, bob = Subscriber.objects.order_by("pk")
    single = Delivery.objects.create(subscriber=bob, email=bob.email, status="sent")

    merging.merge(ann, bob, values={})

    assert set(ann.deliveries.values_list("pk", flat=True)) == {both.deliveries.get(email=ann.email).pk, single.pk}
    assert Campaign.objects.get().deliveries.filter(subscriber=None, email=F("email")).count() == 1


def test_nobody_is_merged_with_themselves(ann: Subscriber) -> None:
    with pytest.raises(merging.SamePerson):
        merging.merge(ann, ann, values={})

    assert Subscriber.objects.exists()


def test_staff_choose_on_a_page_and_it_is_recorded(
    admin_client, admin_user: User, ann: Subscriber, annie: Subscriber, news: MailingList
) -> None:
    page = reverse("admin:subscribers_subscriber_merge", args=[ann.pk])
    LogEntry.objects.log_actions(admin_user.pk, [annie], 2, "Corrected the name.", single_object=True)

    assert "Nobody has this address" in admin_client.post(page, {"address": "eve@example.org"}).content.decode()
    assert "the same entry" in admin_client.post(page, {"address": "ANN@example.org"}).content.decode()
    found = admin_client.post(page, {"address": "Annie <annie@example.com>"})
    comparison = admin_client.get(found.headers["Location"]).content.decode()
    done = admin_client.post(found.headers["Location"], {"first_name": "goes", "attribute:company": "stays"})

    assert Subscriber.objects.filter(email="annie@example.com").count() == 0
    ann.refresh_from_db()
    assert (ann.name, ann.language, ann.attributes) == ("Annie Lee", "de", {"company": "Acme", "seats": 3})
    assert all(text in comparison for text in ("annie@example.com", "Acme", "Other", 'name="first_name"'))
    told = admin_client.get(done.headers["Location"]).content.decode()
    assert "Merged with annie@example.com." in told
    assert "Corrected the name." in told


def test_a_pause_and_what_somebody_does_not_want_go_over_and_end_as_before(ann: Subscriber, annie: Subscriber) -> None:
    until = timezone.now() + timedelta(days=30)
    Suppression.objects.create(fingerprint=annie.fingerprint, reason="paused", expires_at=until)
    Subscriber.objects.filter(pk=annie.pk).update(wants_digest=True, may_track=False)

    merging.merge(ann, annie, values={})

    ann.refresh_from_db()
    pause = Suppression.objects.of(ann.email).get()
    assert (pause.reason, pause.expires_at) == ("paused", until)
    assert (ann.wants_digest, ann.may_track) == (True, False)
