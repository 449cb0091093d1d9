"""Whoever comes to the front door finds what is open to everybody, and nothing else."""

import re

import pytest
from django.test import Client

from subscribers.models import Brand, MailingList, SignUpForm


@pytest.fixture
def river(db):
    return Brand.objects.create(name="The River Letter", accent="#0a6b4b")


def mailing_list(label, **facts):
    return MailingList.objects.create(
        name=label.title(), label=label, names={"de": f"{label.title()} auf Deutsch"}, **facts
    )


def sign_up_form(slug, *lists, **facts):
    form = SignUpForm.objects.create(slug=slug, name="For staff only", **facts)
    form.mailing_lists.set(lists)
    return form


def links(page):
    return re.findall(r'<li><a href="([^"]+)"', page)


def test_forms_and_archives_of_public_lists_are_shown_and_lead_somewhere(client: Client, db):
    news, tips = mailing_list("news", has_archive=True), mailing_list("tips")
    board = mailing_list("board", is_public=False, has_archive=True)
    sign_up_form("both", news, tips, titles={"": "All our news"})
    sign_up_form("just-tips", tips)
    sign_up_form("with-board", news, board)
    sign_up_form("over", news, is_active=False)
    sign_up_form("empty")

    page = client.get("/", headers={"Accept-Language": "de"}).content.decode()

    assert sorted(links(page)) == [
        "/archive/news/?language=de",
        "/s/both?language=de",
        "/s/just-tips?language=de",
    ]
    assert "All our news" in page
    assert "Tips auf Deutsch" in page
    assert "Board" not in page
    assert "For staff only" not in page
    for address in links(page):
        assert client.get(address).status_code == 200


def test_with_nothing_to_show_there_is_still_the_way_to_preferences_and_for_staff(client: Client, db):
    answer = client.get("/")

    assert answer.status_code == 200
    assert links(answer.content.decode()) == []
    ways = re.findall(r'class="button[^"]*" href="([^"]+)"', answer.content.decode())
    assert [client.get(way).status_code for way in ways] == [200, 302]


def test_the_language_that_was_chosen_is_that_of_whatever_comes_next(client: Client, db):
    news = mailing_list("news", has_archive=True)
    sign_up_form("news", news)

    seen, ahead = set(), {"/?language=ar"}
    while ahead:
        seen.add(page := ahead.pop())
        answer = client.get(page)
        if answer.headers["Content-Type"].startswith("text/html"):
            assert 'lang="ar" dir="rtl"' in answer.content.decode(), page
            found = re.findall(r'<a[^>]* href="(/[^"]*)"', answer.content.decode())
            ahead |= {link for link in found if not link.startswith("/admin/")} - seen

    assert {page.partition("?")[0] for page in seen} >= {"/", "/s/news", "/archive/news/", "/preferences"}


def test_the_page_has_the_face_of_a_brand_only_if_all_lists_share_it(client: Client, river):
    mailing_list("news", has_archive=True, brand=river)
    assert "The River Letter" in client.get("/").content.decode()

    mailing_list("tips", has_archive=True)
    assert "The River Letter" not in client.get("/").content.decode()


def test_looking_sets_no_cookie_and_nothing_can_be_posted(client: Client, db):
    assert client.head("/").status_code == 200
    assert client.post("/").status_code == 405
    assert not client.cookies
