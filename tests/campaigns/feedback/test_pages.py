"""Leaving, coming back and choosing, as readers do it in a browser without JavaScript."""

import re

import pytest
from django.template.loader import get_template
from django.utils import translation

from subscribers.consent import flows
from subscribers.consent.flows import Evidence
from subscribers.models import ConsentRecord, Subscriber, Subscription
from subscribers.signing import Purpose, sign
from tests.reading import press

from .conftest import on


def test_the_page_names_the_list_in_the_language_of_the_reader_and_hides_the_address(reader, mail, ann):
    page = reader.get(mail.unsubscribe).content.decode()

    assert 'lang="de" dir="ltr"' in page
    assert "Monatsbrief" in page
    assert "a…@example.org" in page
    assert "ann@example.org" not in page
    assert "The Riverside Society" in page
    assert "12 Mill Lane" in page


@pytest.mark.parametrize("pressed", ["leave", "pause", "return", None])
def test_the_language_that_was_chosen_is_that_of_the_preferences_too(reader, mail, pressed):
    address = f"{mail.unsubscribe}?language=ar"
    if pressed == "return":
        reader.post(address, {"action": "leave"})

    answer = reader.post(address, {"action": pressed}) if pressed else reader.get(address)
    (link,) = re.findall(r'href="(/p/[^"]+)"', answer.content.decode())

    assert answer.headers["Content-Language"] == "ar"
    assert reader.get(link).headers["Content-Language"] == "ar"


def test_the_reason_is_asked_for_in_the_language_that_was_chosen(reader, mail):
    address = f"{mail.preferences}?language=ar"

    left = press(reader, address, reader.get(address).content, "leave")
    (form,) = re.findall(r'action="(/u/[^"]+)"', left.content.decode())

    assert reader.get(form).headers["Content-Language"] == "ar"


def test_opening_the_page_changes_nothing(reader, mail, ann):
    reader.get(mail.unsubscribe)
    reader.head(mail.unsubscribe)

    assert on(ann) == {"news", "board"}


def test_the_button_leaves_and_undo_comes_back(reader, mail, ann):
    left = reader.post(mail.unsubscribe, {"action": "leave"})
    assert left.status_code == 200
    assert b'value="return"' in left.content
    assert on(ann) == {"board"}

    back = reader.post(mail.unsubscribe, {"action": "return"})

    assert b"Monatsbrief" in back.content
    assert on(ann) == {"news", "board"}
    actions = [(record.action, record.source) for record in ConsentRecord.objects.order_by("id")]
    assert actions == [("withdrawn", "preferences"), ("granted", "preferences")]


def test_whoever_left_by_one_click_finds_the_way_back_on_the_page(reader, mail, ann):
    reader.post(mail.unsubscribe, {"List-Unsubscribe": "One-Click"})

    page = reader.get(mail.unsubscribe)

    assert b'value="return"' in page.content
    assert b'value="leave"' not in page.content


def test_undo_brings_nobody_back_whom_staff_took_off(reader, mail, ann, news):
    flows.unsubscribe(ann, [news], Evidence(ConsentRecord.Source.ADMIN))

    page = reader.get(mail.unsubscribe)
    reader.post(mail.unsubscribe, {"action": "return"})

    assert b'value="return"' not in page.content
    assert on(ann) == {"board"}


def test_the_pages_tell_nobody_else_and_are_not_kept(reader, mail, ann):
    for address in (mail.unsubscribe, mail.preferences):
        for response in (reader.get(address), reader.post(address, {"action": "leave"})):
            assert response.headers["Referrer-Policy"] == "no-referrer"
            assert response.headers["Cache-Control"] == "no-store"
            assert "noindex" in response.headers["X-Robots-Tag"]
            assert "default-src 'none'" in response.headers["Content-Security-Policy"]
            assert "unsafe" not in response.headers["Content-Security-Policy"]
            assert not response.cookies


def test_the_pages_load_nothing_from_elsewhere_and_run_no_script(reader, mail, ann):
    for address in (mail.unsubscribe, mail.preferences, "/u/nonsense"):
        page = reader.get(address).content.decode()

        assert "<script" not in page
        assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page)
        assert not re.findall(r'\son\w+="|\sstyle="', page)
        assert len(page) < 50_000


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("ja", "ltr"), ("fr", "ltr")])
def test_the_language_can_be_switched_on_the_page_without_being_kept(reader, mail, ann, language, direction):
    page = reader.get(mail.preferences, {"language": language})

    assert f'lang="{language}" dir="{direction}"'.encode() in page.content
    assert page.headers["Content-Language"] == language
    assert f"?language={language}".encode() in page.content
    ann.refresh_from_db()
    assert ann.language == "de"


def test_a_private_list_cannot_be_joined_by_its_number(reader, mail, ann, board):
    Subscription.objects.filter(mailing_list=board).delete()

    response = press(reader, mail.preferences, reader.get(mail.preferences).content, "save", lists=[board.pk])

    assert response.status_code == 400
    assert "board" not in on(ann)


def test_a_name_with_markup_is_shown_as_text(reader, mail, ann, tips):
    Subscriber.objects.update(first_name='"><script>alert(1)</script>')

    page = reader.get(mail.preferences).content

    assert b"<script" not in page
    assert b"&lt;script&gt;" in page


def test_preferences_of_somebody_gone_are_answered_kindly(reader, mail, ann):
    ann.delete()

    for response in (reader.get(mail.preferences), reader.post(mail.preferences, {"action": "leave"})):
        assert response.status_code == 200
        assert b"<form method" not in response.content


@pytest.mark.parametrize("page", ["/u/", "/p/"])
def test_the_links_of_a_test_mail_explain_themselves(reader, db, page):
    purpose = Purpose.UNSUBSCRIBE if page == "/u/" else Purpose.PREFERENCES
    address = page + sign(purpose, 0)

    for response in (reader.get(address), reader.post(address, {"action": "leave"})):
        assert response.status_code == 200
        assert b"This was a test mail" in response.content


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
@pytest.mark.parametrize(("language", "start"), [("en", 'lang="en" dir="ltr"'), ("ar", 'lang="ar" dir="rtl"')])
def test_an_error_page_needs_no_request_and_no_database(name, language, start):
    with translation.override(language):
        page = get_template(f"{name}.html").render()

    assert start in page
    assert "<h1>" in page


def test_an_address_that_leads_nowhere_gets_a_page_of_ours(client, settings):
    settings.DEBUG = False

    response = client.get("/no/such/page")

    assert response.status_code == 404
    assert b"There is no such page" in response.content
