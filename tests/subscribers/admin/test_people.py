"""Finding people, and what staff may do about them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from subscribers.consent import flows
from subscribers.consent.flows import Evidence
from subscribers.models import Attribute, ConsentRecord, Subscriber, Subscription, Suppression
from tests.subscribers.transfer.files import import_people, workbook

PEOPLE = "/admin/subscribers/subscriber/"


def page_of(person):
    return reverse("admin:subscribers_subscriber_change", args=[person.pk])


def lists_of(person):
    return reverse("admin:subscribers_subscriber_lists", args=[person.pk])


def found(client, **query):
    response = client.get(PEOPLE, query)
    assert response.status_code == 200
    return {person.email for person in response.context["cl"].queryset}


@pytest.fixture
def bob(tips):
    bob = Subscriber.objects.create(email="bob@example.com", first_name="Bob", language="en")
    Subscription.objects.create(subscriber=bob, mailing_list=tips, status="ended")
    Suppression.objects.add(bob.email, Suppression.Reason.COMPLAINED)
    return bob


@pytest.mark.parametrize(
    "search", ["ann@example.org", "ANN@Example.org", "Ann Miller <ann@example.org>", "Miller", "ann@ex"]
)
def test_people_are_found_by_address_and_name(admin_client, ann, bob, search):
    assert found(admin_client, q=search) == {"ann@example.org"}


def test_people_are_found_by_list_status_language_and_suppression(admin_client, ann, bob, news, tips):
    assert found(admin_client, list=news.pk) == {"ann@example.org"}
    assert found(admin_client, list=tips.pk) == set()
    assert found(admin_client, list=tips.pk, on="ended") == {"bob@example.com"}
    assert found(admin_client, list=news.pk, on="ended") == set()
    assert found(admin_client, on="active") == {"ann@example.org"}
    assert found(admin_client, on="none") == {"bob@example.com"}
    assert found(admin_client, language="de") == {"ann@example.org"}
    assert found(admin_client, suppressed="yes") == {"bob@example.com"}
    assert found(admin_client, suppressed="no") == {"ann@example.org"}
    assert found(admin_client, list="nonsense") == {"ann@example.org", "bob@example.com"}


def test_the_list_of_people_costs_the_same_for_many_as_for_few(admin_client, news, django_assert_max_num_queries):
    def join(numbers):
        for number in numbers:
            person = Subscriber.objects.create(email=f"reader{number}@example.org")
            Subscription.objects.create(subscriber=person, mailing_list=news, status="active")

    # More than a page of them.
    join(range(60))
    with CaptureQueriesContext(connection) as for_few:
        admin_client.get(PEOPLE)
    join(range(60, 160))

    with django_assert_max_num_queries(len(for_few)):
        admin_client.get(PEOPLE)
    assert len(for_few) <= 14


def test_somebody_is_added_with_lists_and_proof(admin_client, news):
    person = {"email": "Chloé <Chloe@Example.org>", "language": "fr"}

    admin_client.post(f"{PEOPLE}add/", {**person, "lists": [news.pk], "statement": "Paper form 17"})

    chloe = Subscriber.objects.get(email="chloe@example.org")
    record = ConsentRecord.objects.get(subscriber=chloe)
    assert flows.active_on(chloe) == {news.pk}
    assert (record.source, record.statement) == ("admin", "Paper form 17")


def test_nobody_is_added_to_a_list_without_proof(admin_client, news):
    person = {"email": "chloe@example.org", "lists": [news.pk], "statement": ""}

    response = admin_client.post(f"{PEOPLE}add/", person)

    assert "statement" in response.context["adminform"].form.errors
    assert not Subscriber.objects.exists()


@pytest.fixture
def attributes(db):
    for name, kind in (("company", "text"), ("seats", "number"), ("since", "date"), ("member", "boolean")):
        Attribute.objects.create(name=name, kind=kind, label=name.capitalize())
    Attribute.objects.create(name="size", kind="choice", choices=["small", "large"])


def test_attributes_are_edited_by_their_kind_and_stored_typed(admin_client, ann, attributes):
    ann.attributes = {"elsewhere": "kept", "company": "Old"}
    ann.save()
    facts = {
        "email": ann.email,
        "language": "de",
        "attribute_company": "",
        "attribute_seats": "12.5",
        "attribute_since": "2026-05-03",
        "attribute_member": "False",
        "attribute_size": "large",
    }

    response = admin_client.post(page_of(ann), facts)

    assert response.status_code == 302
    ann.refresh_from_db()
    assert ann.attributes == {
        "elsewhere": "kept",
        "seats": 12.5,
        "since": "2026-05-03",
        "member": False,
        "size": "large",
    }
    page = admin_client.get(page_of(ann))
    initial = page.context["adminform"].form.initial
    assert (initial["attribute_seats"], initial["attribute_member"]) == (12.5, False)
    assert 'value="2026-05-03"' in page.content.decode()
    assert '<option value="False" selected>' in page.content.decode()


def test_who_may_only_look_sees_the_attributes(staff, ann, attributes):
    ann.attributes = {"company": "Acme", "seats": 3}
    ann.save()

    page = staff("view_subscriber").get(page_of(ann)).content.decode()

    assert "Company: Acme · Seats: 3" in page
    assert "attribute_company" not in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "nobody"),
        ("language", "deutsch!"),
        ("time_zone", "Europe/Atlantis"),
        ("attribute_seats", "many"),
        ("attribute_member", "maybe"),
        ("attribute_since", "31.2.2026"),
        ("attribute_size", "enormous"),
    ],
)
def test_wrong_facts_are_refused_at_their_field(admin_client, ann, attributes, field, value):
    facts = {"email": ann.email, "language": "de", "time_zone": "", field: value}

    response = admin_client.post(page_of(ann), facts)

    assert field in response.context["adminform"].form.errors


def test_a_second_person_with_the_same_address_is_refused(admin_client, ann):
    response = admin_client.post(f"{PEOPLE}add/", {"email": "ANN@example.org"})

    assert response.context["adminform"].form.errors
    assert Subscriber.objects.count() == 1


def test_the_page_of_a_person_tells_what_happened(admin_client, ann, news):
    flows.unsubscribe(ann, [news], Evidence("one_click", network_address="203.0.113.9"))
    Suppression.objects.add(ann.email, Suppression.Reason.BOUNCED)

    page = admin_client.get(page_of(ann)).content.decode()

    assert "Left “Monthly news”" in page
    assert "203.0.113.9" in page
    assert "dead address" in page


def test_staff_change_lists_with_proof(admin_client, ann, news, tips):
    admin_client.post(lists_of(ann), {"lists": [tips.pk], "statement": "She phoned"})

    assert flows.active_on(ann) == {tips.pk}
    records = set(ConsentRecord.objects.values_list("action", "mailing_list__label", "source", "statement"))
    assert records == {("granted", "tips", "admin", "She phoned"), ("withdrawn", "news", "admin", "She phoned")}


def test_staff_take_somebody_off_without_a_reason_but_add_nobody_without_one(admin_client, ann, news, tips):
    refused = admin_client.post(lists_of(ann), {"lists": [news.pk, tips.pk], "statement": ""})
    assert "statement" in refused.context["form"].errors
    assert flows.active_on(ann) == {news.pk}

    admin_client.post(lists_of(ann), {"statement": ""})
    assert flows.active_on(ann) == set()


def test_changing_lists_needs_its_own_permission(staff, ann, tips):
    client = staff("view_subscriber", "change_subscriber")

    assert client.get(page_of(ann)).status_code == 200
    assert client.get(lists_of(ann)).status_code == 403
    assert client.post(lists_of(ann), {"lists": [tips.pk], "statement": "x"}).status_code == 403
    assert flows.active_on(ann) != {tips.pk}


def test_strangers_are_sent_to_the_login(client, ann):
    for address in (PEOPLE, page_of(ann), lists_of(ann)):
        response = client.get(address)
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/admin/login/")


def test_a_name_with_markup_is_shown_as_text(admin_client, ann):
    Subscriber.objects.update(first_name="<script>alert(1)</script>")

    for address in (PEOPLE, page_of(ann)):
        assert "<script>alert(1)" not in admin_client.get(address).content.decode()


def test_the_page_of_nobody_leads_back(admin_client, db):
    assert admin_client.get(f"{PEOPLE}999/change/").status_code == 302
    assert admin_client.get(f"{PEOPLE}999/lists").status_code == 404


def test_who_may_add_people_does_not_therefore_put_them_on_lists(staff, news):
    client = staff("add_subscriber", "view_subscriber")
    person = {"email": "chloe@example.org", "lists": [news.pk], "statement": "x"}

    client.post(f"{PEOPLE}add/", person)

    assert Subscriber.objects.get().email == "chloe@example.org"
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("at_once", [False, True])
def test_somebody_who_left_and_was_deleted_is_not_put_back_by_an_import(admin_client, ann, tips, news, at_once):
    flows.unsubscribe(ann, [news], Evidence("one_click"))
    if at_once:
        chosen = {"action": "delete_selected", "_selected_action": [ann.pk], "post": "yes"}
        admin_client.post(PEOPLE, chosen)
    else:
        admin_client.post(reverse("admin:subscribers_subscriber_delete", args=[ann.pk]), {"post": "yes"})
    assert not Subscriber.objects.exists()

    import_people(workbook(["E-Mail"], ["Ann@example.org"]), news, tips)

    assert set(Subscription.objects.active().values_list("mailing_list__label", flat=True)) == {"tips"}
