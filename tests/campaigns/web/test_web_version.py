"""What somebody sees who opens a mail in the browser, and who passes the address on."""

import pytest
from django.test import Client

from campaigns.models import Delivery, Event, Link
from campaigns.signing import PREVIEW
from subscribers import erasure
from subscribers.models import Subscriber
from subscribers.signing import Purpose, sign

from .conftest import web_link


@pytest.fixture
def reader():
    return Client(enforce_csrf_checks=True)


def test_the_link_in_a_mail_shows_that_mail(send, catcher, reader):
    send("en")

    page = reader.get(web_link(catcher))

    words = page.content.decode()
    assert page.status_code == 200
    assert "<title>News for Ann</title>" in words
    assert "Hello Ann</h1>" in words
    assert 'href="https://example.com/tide"' in words
    assert 'src="https://example.com/harbour.png"' in words
    assert '<html lang="en" dir="ltr">' in words
    assert page.headers["Content-Language"] == "en"


def test_nothing_in_it_acts_for_its_reader_or_tells_who_that_is(send, catcher, reader):
    send("en", tracking="person")

    words = reader.get(web_link(catcher)).content.decode()

    for path in ("/u/", "/p/", "/c/", "/v/"):
        assert f"news.example.org{path}" not in words
    assert "Unsubscribe" not in words
    assert "View in browser" not in words
    assert Subscriber.objects.get().email not in words
    assert not Event.objects.exists()


def test_nobody_keeps_it_or_finds_it_or_learns_of_it(send, catcher, reader):
    send("en")

    page = reader.get(web_link(catcher))

    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "sandbox" in page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert not page.cookies


def test_it_shows_the_person_as_known_today(send, catcher, reader):
    send("en")
    Subscriber.objects.update(first_name="Änne <b>")

    assert "Hello Änne &lt;b&gt;</h1>" in reader.get(web_link(catcher)).content.decode()


def test_of_somebody_who_was_erased_it_shows_the_mail_alone(send, catcher, reader):
    send("en")
    erasure.erase(Subscriber.objects.get().email)

    words = reader.get(web_link(catcher)).content.decode()

    assert "Hello friend</h1>" in words
    assert "Ann" not in words


def test_a_value_that_makes_no_mail_leaves_the_mail_alone(send, catcher, reader):
    send("en")
    edition = Delivery.objects.get().edition
    edition.html = edition.html.replace("{{ first_name|default", "{{ story }}{{ first_name|default")
    edition.save()
    Subscriber.objects.update(attributes={"story": "x" * 20_000})

    assert "Hello friend</h1>" in reader.get(web_link(catcher)).content.decode()


def test_a_repaired_link_leads_where_it_should_have(send, catcher, reader):
    send("en", tracking="aggregate")
    edition = Delivery.objects.get().edition
    Link.objects.update_or_create(
        edition=edition,
        number=1,
        defaults={"url": "https://example.com/tide", "repaired_url": "https://example.com/?a=1&b=2"},
    )

    words = reader.get(web_link(catcher)).content.decode()

    assert 'href="https://example.com/?a=1&amp;b=2"' in words
    assert "https://example.com/tide" not in words


def test_the_link_of_a_test_mail_explains_itself(reader, db):
    page = reader.get(f"/v/{sign(Purpose.WEB_VIEW, PREVIEW)}", headers={"Accept-Language": "de"})

    assert page.status_code == 200
    assert b"<h1>" in page.content
    assert 'lang="de"' in page.content.decode()


def test_a_mail_of_the_application_has_no_web_version(reader, db):
    delivery = Delivery.objects.create(email="ann@example.org")

    assert reader.get(f"/v/{sign(Purpose.WEB_VIEW, delivery.pk)}").status_code == 404
    assert reader.get(f"/v/{sign(Purpose.WEB_VIEW, delivery.pk + 1)}").status_code == 404


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_can_only_be_read(send, catcher, reader, method):
    send("en")
    address = web_link(catcher)

    assert getattr(reader, method)(address).status_code == 405
    assert reader.head(address).status_code == 200


def test_it_costs_few_questions(send, catcher, reader, django_assert_max_num_queries):
    send("en")
    address = web_link(catcher)

    with django_assert_max_num_queries(3):
        reader.get(address)


def test_what_an_edition_should_never_hold_is_not_shown(send, catcher, reader):
    send("en")
    edition = Delivery.objects.get().edition
    edition.html = (
        '<html><head><base href="https://example.com/"><meta http-equiv="refresh" content="0;url=https://example.com/">'
        "</head><body onload=alert(1)><script>alert(1)</script><form action='https://example.com/'>"
        "<p onclick='x'>Words</p>"
        '<a href="javascript:alert(1)">a</a></form></body></html>'
    )
    edition.save()

    words = reader.get(web_link(catcher)).content.decode()

    assert "<p>Words</p>" in words
    for harm in ("script", "onload", "onclick", "<form", "<base", "refresh"):
        assert harm not in words
