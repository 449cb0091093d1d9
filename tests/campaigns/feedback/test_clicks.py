"""A counted link: it leads where its author wanted, counts once, and tells nobody anything. Likewise the picture that
tells when a mail is shown."""

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from campaigns.feedback import targets
from campaigns.models import Delivery, Edition, Event, Hits, Link
from campaigns.signing import Counted
from subscribers.signing import Purpose, sign

pytestmark = pytest.mark.usefixtures("agreed")

WHERE = "https://example.com/a?b=1&c=ä"
QUOTED = "https://example.com/a?b=1&c=%C3%A4"
FIREFOX = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@pytest.fixture
def reader(client):
    client.defaults["HTTP_USER_AGENT"] = FIREFOX["user-agent"]
    return client


@pytest.fixture
def link(mail):
    return Link.objects.create(edition=mail.delivery.edition, number=2, url=WHERE)


def address(mail, number=2):
    return at(mail.delivery.edition_id, mail.delivery.pk, number)


def of_nobody(mail, number=2):
    return at(mail.delivery.edition_id, 0, number)


def at(edition, delivery, number):
    return f"/c/{sign(Purpose.CLICK, Counted(edition, delivery).number)}/{number}"


def away(*_call):
    raise OperationalError("the server has gone")


def events():
    return list(Event.objects.order_by("kind", "link").values_list("delivery", "kind", "link", "is_suspect"))


def test_a_click_leads_on_and_is_counted_once(reader, mail, link):
    for _time in range(2):
        response = reader.get(address(mail))

        assert (response.status_code, response.headers["Location"]) == (302, QUOTED)

    assert events() == [(mail.delivery.pk, "clicked", 2, False)]
    assert not Hits.objects.exists()


def test_each_link_counts_on_its_own(reader, mail, link):
    Link.objects.create(edition=mail.delivery.edition, number=3, url="https://example.com/b")

    reader.get(address(mail))
    reader.get(address(mail, 3))

    assert events() == [(mail.delivery.pk, "clicked", 2, False), (mail.delivery.pk, "clicked", 3, False)]


def test_the_picture_tells_once_that_the_mail_was_shown(reader, mail):
    for _time in range(2):
        response = reader.get(address(mail, 0))

        assert (response.status_code, response.headers["Content-Type"]) == (200, "image/gif")
        assert (response.content[:6], len(response.content)) == (b"GIF89a", 43)
        assert response.headers["Cache-Control"] == "no-store"

    assert events() == [(mail.delivery.pk, "opened", 0, False)]


def test_of_nobody_in_particular_there_are_only_sums(reader, mail, link):
    for number in (2, 2, 2, 0):
        assert reader.get(of_nobody(mail, number)).status_code in (200, 302)
    reader.head(of_nobody(mail))

    assert not Event.objects.exists()
    sums = Hits.objects.order_by("link", "is_suspect").values_list("edition", "link", "is_suspect", "number")
    edition = mail.delivery.edition_id
    assert list(sums) == [(edition, 0, False, 1), (edition, 2, False, 3), (edition, 2, True, 1)]


def test_a_mail_from_before_tokens_named_the_edition_counts_and_leads_on(reader, mail, link):
    response = reader.get(at(0, mail.delivery.pk, 2))

    assert response.headers["Location"] == QUOTED
    assert events() == [(mail.delivery.pk, "clicked", 2, False)]


def test_asking_only_for_the_head_is_suspect(reader, mail, link):
    response = reader.head(address(mail))

    assert (response.status_code, response.headers["Location"]) == (302, QUOTED)
    assert events() == [(mail.delivery.pk, "clicked", 2, True)]


def test_a_person_counts_besides_the_machine_that_was_faster(reader, mail, link):
    reader.head(address(mail))
    reader.get(address(mail))

    assert set(events()) == {(mail.delivery.pk, "clicked", 2, True), (mail.delivery.pk, "clicked", 2, False)}


def test_a_link_works_when_its_reader_is_gone_and_when_the_mail_is_old(reader, mail, link, ann):
    ann.delete()

    assert reader.get(address(mail)).headers["Location"] == QUOTED
    assert reader.get(address(mail).upper().replace("/C/", "/c/")).headers["Location"] == QUOTED


def test_a_link_works_when_its_mail_is_gone_and_counts_nothing(reader, mail, link):
    where = address(mail)
    mail.delivery.delete()

    assert reader.get(where).headers["Location"] == QUOTED
    assert not Event.objects.exists()


def test_a_mail_in_another_edition_counts_nothing(reader, mail, link, campaign):
    other = Edition.objects.create(campaign=campaign, language="de", subject="x", html="x", text="x", digest="1")
    Delivery.objects.update(edition=other)

    assert reader.get(address(mail)).status_code == 302
    assert not Event.objects.exists()


def test_nothing_but_the_right_address_leads_anywhere(reader, mail, link, campaign, ann):
    other = Edition.objects.create(campaign=campaign, language="de", subject="x", html="x", text="x", digest="1")
    Link.objects.create(edition=other, number=9, url="https://example.com/other")
    good = Counted(mail.delivery.edition_id, mail.delivery.pk).number
    token = sign(Purpose.CLICK, good)
    wrong = [f"/c/{token[:-1]}/{number}" for number in (0, 2)]
    wrong += [f"/c/{token}/{number}" for number in ("00", "1", "9", "02", "-2", "2.0", "x", "²", "٢", "9" * 30)]
    numbers = (0, mail.delivery.pk + 1, Counted(other.pk + 1, mail.delivery.pk).number, 2**63 - 1)
    wrong += [f"/c/{sign(Purpose.CLICK, number)}/2" for number in numbers]
    wrong += [at(0, 0, 0), at(0, mail.delivery.pk + 1, 0)]

    refusals = set()
    for bad in wrong:
        for method in (reader.get, reader.head):
            response = method(bad)
            assert response.status_code == 404, bad
            assert response.headers["Referrer-Policy"] == "no-referrer"
            refusals.add(response.content)

    assert len(refusals - {b""}) == 1
    assert not Event.objects.exists()
    assert not Hits.objects.exists()


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_posted_to_a_link(reader, mail, link, method):
    response = getattr(reader, method)(address(mail))

    assert response.status_code == 405
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert not Event.objects.exists()


def test_the_answer_is_kept_by_nobody_and_says_nowhere_where_it_came_from(reader, mail, link):
    for number in (0, 2):
        response = reader.get(address(mail, number))

        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in response.headers["X-Robots-Tag"]
        assert not response.cookies


def test_who_was_never_sent_an_edition_follows_no_link_of_an_old_mail(reader, mail, link, ann, campaign):
    Delivery.objects.update(edition=None)

    assert reader.get(at(0, mail.delivery.pk, 2)).status_code == 404


def test_where_links_lead_is_asked_once(reader, mail, link):
    reader.get(of_nobody(mail))

    with CaptureQueriesContext(connection) as queries:
        for _time in range(5):
            reader.get(of_nobody(mail))

    assert not [query["sql"] for query in queries if "campaigns_link" in query["sql"]]


def test_a_repaired_link_leads_elsewhere_and_counts_as_before(reader, mail, link):
    reader.get(address(mail))
    Link.objects.update(repaired_url="https://example.com/right")
    targets.forget()

    assert reader.get(address(mail)).headers["Location"] == "https://example.com/right"
    assert events() == [(mail.delivery.pk, "clicked", 2, False)]


@pytest.mark.parametrize("target", ["javascript:alert(1)", "ftp://example.com/", "//example.com/", "data:text/html,x"])
def test_a_link_leads_nowhere_but_to_the_web_whatever_is_stored(reader, mail, link, target):
    Link.objects.update(repaired_url=target)

    assert reader.get(address(mail)).status_code == 404


def test_while_the_database_is_away_known_links_are_followed_and_pictures_shown(reader, mail, link, monkeypatch):
    # Each time anew it is asked where they lead.
    monkeypatch.setattr(targets, "FRESH_SECONDS", 0)
    reader.get(address(mail))

    with connection.execute_wrapper(away):
        assert reader.get(address(mail)).headers["Location"] == QUOTED
        assert reader.get(address(mail, 0)).status_code == 200

    assert reader.get(address(mail)).status_code == 302
    assert {kind for _delivery, kind, _link, _suspect in events()} == {"clicked", "opened"}


def test_a_link_that_nobody_followed_yet_waits_for_the_database(reader, mail, link):
    with connection.execute_wrapper(away):
        response = reader.get(address(mail))

    assert response.status_code == 503
    assert response.headers["Retry-After"]
