"""Domains in foreign letters are shown in them, unless somebody could take them for others."""

from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as some

from campaigns.models import Delivery, RecipientDomain
from subscribers import readable, searching
from subscribers.addresses import AddressRefused, normalise
from subscribers.models import Subscriber, Suppression

STORED = "ann@xn--bcher-kva.example.org"
SHOWN = "ann@bücher.example.org"
# Cyrillic from its first letter to its last.
LOOKALIKE = "xn--80ak6aa92e.example.org"


def encoded(domain: str) -> str:
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode()}" for label in domain.split(".")
    )


@pytest.mark.parametrize(
    "domain",
    ["bücher.example.org", "пример.example.org", "сахар.рф", "例え.テスト", "مثال.example.org", "straße.example.org"],
)
def test_letters_that_look_like_no_others_are_shown(domain: str) -> None:
    assert readable.domain(encoded(domain)) == domain
    assert readable.address(f"ann@{encoded(domain)}") == f"ann@{domain}"
    assert readable.domain(f"*.{encoded(domain)}") == f"*.{domain}"


@pytest.mark.parametrize(
    "domain",
    [
        LOOKALIKE,
        encoded("раураl.example.org"),
        encoded("сахар.example.org"),
        encoded("exa\u200bmple.org"),
        encoded("Bücher.example.org"),
        "xn--.example.org",
        "xn--999999999.example.org",
        "plain.example.org",
        "",
    ],
)
def test_whatever_could_be_taken_for_another_stays_as_it_is_stored(domain: str) -> None:
    assert readable.domain(domain) == domain


@given(some.text(some.sampled_from("abcäöüßøłéжщяωδψ例えاب-"), min_size=1, max_size=12))
def test_what_is_shown_is_the_same_address_when_somebody_types_it(label: str) -> None:
    try:
        stored = normalise(f"ann@{label}.example.org")
    except AddressRefused:
        return

    assert normalise(readable.address(stored)) == stored
    assert readable.stored(readable.address(stored)) == stored


@pytest.fixture
def ann(db: None) -> Subscriber:
    ann = Subscriber.objects.create(email=STORED, first_name="Ann")
    searching.catch_up(seconds=5)
    Suppression.objects.create(domain="*.xn--bcher-kva.example.org", reason="manual")
    RecipientDomain.objects.create(name="xn--bcher-kva.example.org")
    Delivery.objects.create(subscriber=ann, email=STORED, status="sent")
    return ann


PEOPLE = "/admin/subscribers/subscriber/"
LISTS = {
    PEOPLE: SHOWN,
    "/admin/subscribers/suppression/": "*.bücher.example.org",
    "/admin/campaigns/recipientdomain/": "bücher.example.org",
    "/admin/campaigns/delivery/": SHOWN,
}


@pytest.mark.parametrize("page", LISTS)
def test_staff_read_it_and_find_it_in_either_spelling(admin_client: Client, ann: Subscriber, page: str) -> None:
    spellings = ["bücher.example.org", "xn--bcher-kva.example.org"]
    if LISTS[page] == SHOWN:
        spellings += [SHOWN, STORED]

    for words in ("", *spellings):
        shown = admin_client.get(page, {"q": words})
        assert [str(row.pk) for row in shown.context["cl"].result_list] == [str(shown.context["cl"].result_list[0].pk)]
        assert LISTS[page] in shown.content.decode()
    assert list(admin_client.get(page, {"q": "müller.example.org"}).context["cl"].result_list) == []


def test_a_part_of_it_finds_the_person(admin_client: Client, ann: Subscriber) -> None:
    for words in ("büch", "BUCH", "xn--bch"):
        assert SHOWN in admin_client.get(PEOPLE, {"q": words}).content.decode()


def test_the_page_of_a_person_shows_it_and_saves_it_as_it_was(admin_client: Client, ann: Subscriber) -> None:
    page = f"{PEOPLE}{ann.pk}/change/"

    shown = admin_client.get(page)
    admin_client.post(page, {"email": SHOWN, "first_name": "Anna"})

    assert f'<h2><bdi dir="ltr">{SHOWN}</bdi></h2>' in shown.content.decode()
    ann.refresh_from_db()
    assert (ann.email, ann.first_name) == (STORED, "Anna")
