"""One change to many people, from the list of people to the page that tells what came of it."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from subscribers import tasks
from subscribers.consent.expiry import end_expired
from subscribers.models import BulkChange, ConsentRecord, Subscriber, Subscription, Suppression, Tag

PEOPLE = "/admin/subscribers/subscriber/"
ADD = "/admin/subscribers/bulkchange/add/"


@pytest.fixture
def bob(news):
    bob = Subscriber.objects.create(email="bob@example.org", language="de")
    Subscription.objects.create(subscriber=bob, mailing_list=news, status="ended")
    return bob


@pytest.fixture
def eve(db):
    eve = Subscriber.objects.create(email="eve@example.org", language="de")
    Suppression.objects.add(eve.email, "complained")
    return eve


@pytest.fixture
def chloe(news):
    chloe = Subscriber.objects.create(email="chloe@example.org", language="fr")
    Subscription.objects.create(subscriber=chloe, mailing_list=news, status="pending")
    return chloe


def ask(client, query, **arguments):
    """Read the page, press its button, and let a worker do it."""
    page = client.get(ADD, query)
    assert page.status_code == 200, page.content
    up_to = page.context["form"].initial["up_to"]
    answer = client.post(f"{ADD}?{page.wsgi_request.GET.urlencode()}", {"up_to": up_to, **arguments})
    assert answer.status_code == 302, answer.context["form"].errors
    change = BulkChange.objects.latest("pk")
    tasks.continue_errand("subscribers.bulkchange", change.pk)
    change.refresh_from_db()
    return change


def test_everybody_found_is_added_but_who_left_or_is_suppressed(admin_client, ann, bob, chloe, eve, news):
    dilnoza = Subscriber.objects.create(email="dilnoza@example.org")

    change = ask(admin_client, {"action": "join"}, mailing_list=news.pk, statement="Asked at the fair")

    assert (change.status, change.total) == ("done", 5)
    assert change.counts == {"changed": 2, "unchanged": 1, "left": 1, "suppressed": 1}
    active = Subscription.objects.filter(mailing_list=news, status="active").values_list("subscriber", flat=True)
    assert set(active) == {ann.pk, chloe.pk, dilnoza.pk}
    proofs = ConsentRecord.objects.filter(statement="Asked at the fair", source="admin", action="granted")
    assert set(proofs.values_list("subscriber", flat=True)) == {chloe.pk, dilnoza.pk}


def test_only_those_of_the_filter_are_taken_off(admin_client, ann, chloe, news):
    change = ask(admin_client, {"action": "leave", "language": "fr"}, mailing_list=news.pk, statement="")

    assert change.counts == {"changed": 1}
    assert ann.subscriptions.get().status == "active"
    assert chloe.subscriptions.get().status == "ended"
    assert chloe.consent_records.get().action == "withdrawn"


def test_tags_are_put_on_and_taken_off(admin_client, ann, bob, eve):
    tagged = ask(admin_client, {"action": "tag", "language": "de"}, tag="Fair")
    fair = Tag.objects.get(name="Fair")
    again = ask(admin_client, {"action": "tag", "people": str(ann.pk)}, tag="Fair")
    removed = ask(admin_client, {"action": "untag", "people": f"{ann.pk},{bob.pk}"}, tag=fair.pk)

    assert [each.counts for each in (tagged, again, removed)] == [{"changed": 3}, {"unchanged": 1}, {"changed": 2}]
    assert [person.email for person in fair.subscribers.all()] == [eve.email]


def test_a_language_is_set_and_people_are_suppressed(admin_client, ann, chloe, eve):
    ask(admin_client, {"action": "language", "q": "chloe"}, language="es")
    change = ask(admin_client, {"action": "suppress"}, note="Trial accounts")

    assert set(Subscriber.objects.values_list("email", "language")) == {
        (ann.email, "de"),
        (chloe.email, "es"),
        (eve.email, "de"),
    }
    assert change.counts == {"changed": 2, "unchanged": 1}
    assert Suppression.objects.of(ann.email).get().note == "Trial accounts"


def test_the_page_names_the_exact_number_and_whoever_comes_later_is_not_meant(admin_client, ann, bob):
    page = admin_client.get(ADD, {"action": "tag", "language": "de"})
    Subscriber.objects.create(email="late@example.org", language="de")

    admin_client.post(f"{ADD}?action=tag&language=de", {"up_to": page.context["form"].initial["up_to"], "tag": "Fair"})

    assert re.search(r"Tag: 2\s+people", page.content.decode())
    change = BulkChange.objects.get()
    assert change.total == 2
    tasks.continue_errand("subscribers.bulkchange", change.pk)
    assert Tag.objects.get().subscribers.count() == 2


def test_nobody_is_added_without_words_about_consent(admin_client, ann, news):
    answer = admin_client.post(f"{ADD}?action=join", {"up_to": ann.pk, "mailing_list": news.pk, "statement": " "})

    assert answer.context["form"].errors["statement"]
    assert not BulkChange.objects.exists()


def test_what_was_deleted_meanwhile_is_told_in_words(admin_client, ann, tips):
    admin_client.post(f"{ADD}?action=leave", {"up_to": ann.pk, "mailing_list": tips.pk})
    change = BulkChange.objects.get()
    tips.delete()

    tasks.continue_errand("subscribers.bulkchange", change.pk)

    page = admin_client.get(reverse("admin:subscribers_bulkchange_change", args=[change.pk])).content.decode()
    assert "does not exist any more" in page
    assert "It failed" in page


def test_marked_people_are_carried_over_and_the_list_leads_to_all_that_were_found(admin_client, ann, bob):
    marked = admin_client.post(PEOPLE, {"action": "bulk_tag", "_selected_action": [ann.pk, bob.pk]})
    page = admin_client.get(PEOPLE, {"language": "de", "after": "99999"}).content.decode()

    assert marked.headers["Location"].startswith(f"{ADD}?action=tag&people=")
    assert admin_client.get(marked.headers["Location"]).context["number"] == 2
    assert f'href="{ADD}?language=de"' in page


def test_each_verb_needs_its_permission(staff, ann, news):
    client = staff("view_subscriber", "add_bulkchange", "view_bulkchange", "change_subscription")

    offered = {verb["address"] for verb in client.get(ADD).context["verbs"]}
    answers = {action: client.get(ADD, {"action": action}).status_code for action in ("join", "tag", "suppress")}

    assert offered == {"?action=join", "?action=leave"}
    assert answers == {"join": 200, "tag": 403, "suppress": 403}
    assert client.post(f"{ADD}?action=suppress", {"up_to": ann.pk}).status_code == 403
    assert not BulkChange.objects.exists()


def test_one_under_way_is_followed_and_cancelled(admin_client, ann):
    admin_client.post(f"{ADD}?action=tag", {"up_to": ann.pk, "tag": "Fair"})
    change = BulkChange.objects.get()
    page = reverse("admin:subscribers_bulkchange_change", args=[change.pk])
    live = reverse("admin:subscribers_bulkchange_live", args=[change.pk])

    assert "Under way" in admin_client.get(page).content.decode()
    assert "Live" not in admin_client.get(live).headers
    admin_client.post(reverse("admin:subscribers_bulkchange_cancel", args=[change.pk]))

    assert admin_client.get(live).headers["Live"] == "done"
    assert "Cancelled" in admin_client.get(page).content.decode()
    tasks.continue_errand("subscribers.bulkchange", change.pk)
    assert not ann.tags.exists()


def test_the_page_of_each_person_tells_of_it(admin_client, ann, chloe):
    ask(admin_client, {"action": "tag", "language": "de"}, tag="Fair")

    told = [admin_client.get(f"{PEOPLE}{person.pk}/change/").content.decode() for person in (ann, chloe)]

    assert ["Bulk change: Tag: Fair" in page for page in told] == [True, False]


def test_the_list_of_bulk_changes_says_what_and_whom(admin_client, ann, news):
    ask(admin_client, {"action": "tag", "language": "de", "list": str(news.pk)}, tag="Fair")

    page = admin_client.get("/admin/subscribers/bulkchange/").content.decode()

    assert "Tag: Fair" in page
    assert "List “Monthly news”: active · Language: Deutsch" in page


@pytest.mark.parametrize("days", [-1, 10])
def test_implied_consent_is_renewed_for_good(admin_client, ann, news, days):
    Subscription.objects.update(expires_at=timezone.now() + timedelta(days=days))
    end_expired(seconds=5)

    change = ask(admin_client, {"action": "join"}, mailing_list=news.pk, statement="Asked at the fair")

    assert change.counts == {"changed": 1}
    assert Subscription.objects.active().get().expires_at is None
    assert ann.consent_records.first().statement == "Asked at the fair"


@pytest.mark.django_db(transaction=True)
def test_everybody_found_is_erased_but_the_staff(admin_client, admin_user, ann, bob, eve):
    Subscriber.objects.create(email=admin_user.email, language="de")

    refused = admin_client.post(f"{ADD}?action=erase", {"up_to": eve.pk})
    change = ask(admin_client, {"action": "erase", "language": "de"}, is_meant="on")

    assert refused.context["form"].errors["is_meant"]
    assert change.counts == {"changed": 3, "staff": 1}
    assert [person.email for person in Subscriber.objects.all()] == [admin_user.email]
    assert Suppression.objects.of("ann@example.org").get().reason == "erased"
    assert "ann@example.org" not in str(list(ConsentRecord.objects.values()))
