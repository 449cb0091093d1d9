"""RFC 8058, as a mail program does it: no cookies, no page read, no redirect followed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from campaigns.feedback import one_click
from campaigns.models import Campaign, Delivery, Event
from subscribers.models import ConsentRecord, MailingList, Subscriber, Subscription, Suppression
from subscribers.signing import Purpose, sign

from .conftest import mail_to, on

FORM = "application/x-www-form-urlencoded"
BODIES = {
    "urlencoded": ("List-Unsubscribe=One-Click", FORM),
    "multipart": (
        "--line\r\nContent-Disposition: form-data; name=List-Unsubscribe\r\n\r\nOne-Click\r\n--line--\r\n",
        "multipart/form-data; boundary=line",
    ),
    "multipart as browsers write it": (
        '--line\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--line--\r\n',
        'multipart/form-data; boundary="line"',
    ),
    "urlencoded with a charset": ("List-Unsubscribe=One-Click", f"{FORM}; charset=utf-8"),
}


@pytest.fixture
def mail_program():
    return Client(enforce_csrf_checks=True)


def click(mail_program, address, encoding="urlencoded", **extra):
    body, content_type = BODIES[encoding]
    return mail_program.post(address, body.encode(), content_type=content_type, **extra)


@pytest.mark.parametrize("encoding", BODIES)
def test_one_click_unsubscribes_at_once_in_either_encoding(mail_program, mail, ann, encoding):
    response = click(mail_program, mail.unsubscribe, encoding)

    assert response.status_code == 200
    assert on(ann) == {"board"}


def test_it_is_proved_and_credited_to_the_mail(mail_program, mail, ann, news):
    click(mail_program, mail.unsubscribe, REMOTE_ADDR="198.51.100.4")

    record = ConsentRecord.objects.get()
    assert (record.subscriber, record.mailing_list, record.action) == (ann, news, "withdrawn")
    assert (record.source, record.language, record.network_address) == ("one_click", "de", "198.51.100.4")
    assert mail.events() == ["unsubscribed"]


def test_clicking_again_is_answered_alike_and_changes_nothing_more(mail_program, mail, ann):
    first, second = click(mail_program, mail.unsubscribe), click(mail_program, mail.unsubscribe)

    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert ConsentRecord.objects.count() == Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_clicks_at_the_same_time_leave_one_proof(mail, ann):
    def click_once(_number):
        try:
            return click(Client(), mail.unsubscribe).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        answers = set(threads.map(click_once, range(8)))

    assert answers == {200}
    assert on(ann) == {"board"}
    assert ConsentRecord.objects.count() == Event.objects.count() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="Elsewhere each is done by itself.")
def test_what_is_asked_at_the_same_time_is_done_for_each_as_if_alone(mail, ann, campaign, news):
    bob = Subscriber.objects.create(email="bob@example.org", language="nl")
    Subscription.objects.create(subscriber=bob, mailing_list=news, status="active")
    twin = Campaign.objects.create(name="Twin", layout=campaign.layout, sender=campaign.sender)
    twin.mailing_lists.add(news)
    again, of_bob = mail_to(ann, twin), mail_to(bob, campaign)
    numbers = [again.delivery.pk, mail.delivery.pk, 999_999, of_bob.delivery.pk, mail.delivery.pk]

    answers = one_click.fulfil([one_click.Wish(number, "ar", "198.51.100.4") for number in numbers])

    assert answers == ["de", "de", "", "ar", "de"]
    assert (on(ann), on(bob)) == ({"board"}, set())
    assert [*ConsentRecord.objects.order_by("subscriber").values_list("subscriber", "language")] == [
        (ann.pk, "de"),
        (bob.pk, "ar"),
    ]
    assert sorted([*mail.events(), *again.events()]) == ["unsubscribed"]
    assert of_bob.events() == ["unsubscribed"]


def test_a_neighbour_in_the_same_network_leaves_like_anybody(mail_program, mail, ann):
    response = click(mail_program, mail.unsubscribe, REMOTE_ADDR="fe80::1%eth0")

    assert response.status_code == 200
    assert ConsentRecord.objects.get().network_address == "fe80::1"


def test_a_host_that_is_not_ours_is_refused(mail_program, mail, ann):
    response = click(mail_program, mail.unsubscribe, HTTP_HOST="elsewhere.example.net")

    assert response.status_code == 400
    assert on(ann) == {"news", "board"}


@pytest.mark.parametrize("body", ["x" * 3_000_000, "--line\r\nContent-Disposition: nonsense"])
def test_nonsense_is_refused_like_on_any_page(mail_program, mail, ann, body):
    response = mail_program.post(mail.unsubscribe, body, content_type="multipart/form-data; boundary=line")

    assert response.status_code == 400
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"
    assert on(ann) == {"news", "board"}


def test_its_answer_is_as_safe_as_any_page(mail_program, mail):
    response = click(mail_program, mail.unsubscribe)

    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Length"] == str(len(response.content))


def test_no_cookie_is_set_and_none_is_asked_for(mail_program, mail, ann):
    response = click(mail_program, mail.unsubscribe)

    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")


def test_a_foreign_cookie_changes_nothing(mail, ann):
    mail_program = Client(enforce_csrf_checks=True, headers={"cookie": "sessionid=made-up; csrftoken=made-up"})

    response = click(mail_program, mail.unsubscribe)

    assert response.status_code == 200
    assert not response.cookies
    assert on(ann) == {"board"}


@pytest.mark.parametrize("language", ["de", "ar", "xx", ""])
def test_no_setting_puts_a_redirect_in_the_way(mail_program, mail, ann, settings, language):
    settings.SECURE_SSL_REDIRECT = True
    settings.APPEND_SLASH = True

    response = click(Client(enforce_csrf_checks=True), mail.unsubscribe, HTTP_ACCEPT_LANGUAGE=language)

    assert response.status_code == 200
    assert on(ann) == {"board"}


def test_it_ends_every_subscription_by_which_the_mail_came(mail_program, mail, ann, campaign, tips):
    campaign.mailing_lists.add(tips)
    Subscription.objects.create(subscriber=ann, mailing_list=tips, status="active")

    click(mail_program, mail.unsubscribe)

    assert on(ann) == {"board"}
    assert ConsentRecord.objects.count() == 2
    assert mail.events() == ["unsubscribed"]


def test_a_later_click_in_an_older_mail_is_not_credited(mail_program, mail, ann, campaign):
    campaign.pk = None
    campaign.save()
    campaign.mailing_lists.add(MailingList.objects.get(label="news"))
    newer = mail_to(ann, campaign)

    click(mail_program, newer.unsubscribe)
    click(mail_program, mail.unsubscribe)

    assert newer.events() == ["unsubscribed"]
    assert mail.events() == []


def test_a_link_works_after_a_new_key(mail_program, mail, ann, settings):
    address = mail.unsubscribe
    settings.SIGNING_KEYS = [("new", b"a new key of thirty-two characters"), *settings.SIGNING_KEYS]

    assert click(mail_program, address).status_code == 200

    assert on(ann) == {"board"}


def test_somebody_who_was_deleted_is_answered_and_not_mailed_after_an_import(mail_program, mail, ann):
    Subscriber.objects.all().delete()

    assert click(mail_program, mail.unsubscribe).status_code == 200

    assert Suppression.objects.of("ann@example.org").get().reason == "left"


def test_somebody_deleted_and_imported_again_leaves_by_the_old_link(mail_program, mail, ann, news):
    Subscriber.objects.all().delete()
    again = Subscriber.objects.create(email="ann@example.org")
    Subscription.objects.create(subscriber=again, mailing_list=news, status="active")

    click(mail_program, mail.unsubscribe)

    assert on(again) == set()
    assert not Suppression.objects.exists()


def test_an_erased_person_is_answered_like_anybody(mail_program, mail, ann):
    ann.delete()
    Delivery.objects.update(email="")

    assert click(mail_program, mail.unsubscribe).status_code == 200

    assert not Suppression.objects.exists()


def test_a_mail_that_is_long_gone_is_answered_like_any(mail_program, mail):
    address = mail.unsubscribe
    mail.delivery.delete()

    assert click(mail_program, address).status_code == 200


def test_a_test_mail_changes_nothing(mail_program, ann):
    response = click(mail_program, f"/u/{sign(Purpose.UNSUBSCRIBE, 0)}")

    assert response.status_code == 200
    assert on(ann) == {"news", "board"}
    assert not ConsentRecord.objects.exists()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", FORM),
        ("List-Unsubscribe=Perhaps", FORM),
        ("something=else", FORM),
        ('{"List-Unsubscribe": "One-Click"}', "application/json"),
        ("List-Unsubscribe=One-Click", "text/plain"),
        ("--line\r\nnonsense", "multipart/form-data; boundary=line"),
        ("--line--", "multipart/form-data"),
        (f"List-Unsubscribe={'x' * 1_000_000}", FORM),
    ],
)
def test_any_other_body_is_refused_and_changes_nothing(mail_program, mail, ann, body, content_type):
    response = mail_program.post(mail.unsubscribe, body.encode(), content_type=content_type)

    assert response.status_code == 400
    assert on(ann) == {"news", "board"}
    assert not ConsentRecord.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_refused(mail_program, mail, ann, method):
    response = getattr(mail_program, method)(mail.unsubscribe)

    assert response.status_code == 405
    assert on(ann) == {"news", "board"}


def test_what_went_to_segments_alone_ends_every_subscription(mail_program, mail, ann, campaign):
    campaign.mailing_lists.clear()

    click(mail_program, mail.unsubscribe)

    assert on(ann) == set()
    assert ConsentRecord.objects.count() == 2
    assert mail.events() == ["unsubscribed"]


def test_who_waits_for_confirmation_leaves_too(mail_program, mail, ann, news):
    Subscription.objects.filter(mailing_list=news).update(status="pending")

    click(mail_program, mail.unsubscribe)

    subscription = Subscription.objects.get(mailing_list=news)
    assert (subscription.status, subscription.ended_at is None) == ("ended", False)
    assert mail.events() == ["unsubscribed"]


def test_who_leaves_when_the_consent_has_run_out_means_it(mail_program, mail, ann, news):
    ago = timezone.now() - timedelta(days=3)
    Subscription.objects.filter(mailing_list=news).update(status="ended", expires_at=ago, ended_at=ago)

    click(mail_program, mail.unsubscribe)

    subscription = Subscription.objects.get(mailing_list=news)
    assert (subscription.status, subscription.expires_at, subscription.ended_at) == ("ended", None, ago)
    assert ConsentRecord.objects.get().action == "withdrawn"
    assert mail.events() == []


def test_an_implied_consent_is_over_for_good(mail_program, mail, ann, news):
    Subscription.objects.filter(mailing_list=news).update(expires_at=timezone.now() + timedelta(days=3))

    click(mail_program, mail.unsubscribe)

    subscription = Subscription.objects.get(mailing_list=news)
    assert (subscription.status, subscription.expires_at) == ("ended", None)
    assert ConsentRecord.objects.get().expires_at is None


def test_somebody_elses_subscription_stays(mail_program, mail, ann, news):
    bob = Subscriber.objects.create(email="bob@example.org")
    Subscription.objects.create(subscriber=bob, mailing_list=news, status="active")

    click(mail_program, mail.unsubscribe)

    assert on(bob) == {"news"}


@pytest.mark.parametrize(
    ("reads", "answered"), [("de", "de"), ("de-AT", "de"), ("", "en"), ("DE", "de"), ("nl", "ar"), ("xx-de", "ar")]
)
def test_the_answer_and_the_proof_are_in_the_language_of_the_reader(mail_program, mail, ann, reads, answered):
    Subscriber.objects.update(language=reads)

    response = click(mail_program, mail.unsubscribe, HTTP_ACCEPT_LANGUAGE="ar")

    assert response.headers["Content-Language"] == answered
    assert ConsentRecord.objects.get().language == answered


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_lost_meanwhile_is_made_anew(mail, ann):
    click(Client(), mail.unsubscribe)
    Subscription.objects.update(status="active", ended_at=None)
    if connection.vendor == "postgresql":
        # As it is when the server was started again.
        connection.connection.close()

    assert click(Client(), mail.unsubscribe).status_code == 200

    assert on(ann) == {"board"}
