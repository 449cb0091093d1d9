"""A counted link: it leads where its author wanted, counts once, and tells nobody anything."""

import pytest

from campaigns.models import Delivery, Edition, Event, Link
from subscribers.signing import Purpose, sign

from .test_tokens import wrong_tokens

WHERE = "https://example.com/a?b=1&c=ä"
QUOTED = "https://example.com/a?b=1&c=%C3%A4"


@pytest.fixture
def link(mail):
    return Link.objects.create(edition=mail.delivery.edition, number=2, url=WHERE)


def address(mail, number=2):
    return f"/c/{sign(Purpose.CLICK, mail.delivery.pk)}/{number}"


def test_a_click_leads_on_and_is_counted_once(client, mail, link):
    for _time in range(2):
        response = client.get(address(mail))

        assert (response.status_code, response.headers["Location"]) == (302, QUOTED)

    event = Event.objects.get()
    assert (event.delivery, event.kind, event.link) == (mail.delivery, Event.Kind.CLICKED, 2)


def test_each_link_counts_on_its_own(client, mail, link):
    Link.objects.create(edition=mail.delivery.edition, number=3, url="https://example.com/b")

    client.get(address(mail))
    client.get(address(mail, 3))

    assert list(Event.objects.order_by("link").values_list("link", flat=True)) == [2, 3]


def test_asking_only_for_the_head_counts_nothing(client, mail, link):
    response = client.head(address(mail))

    assert (response.status_code, response.headers["Location"]) == (302, QUOTED)
    assert not Event.objects.exists()


def test_a_link_works_when_its_reader_is_gone_and_when_the_mail_is_old(client, mail, link, ann):
    ann.delete()

    assert client.get(address(mail)).headers["Location"] == QUOTED
    assert client.get(address(mail).upper().replace("/C/", "/c/")).headers["Location"] == QUOTED


def test_nothing_but_the_right_address_leads_anywhere(client, mail, link, campaign, ann):
    other = Edition.objects.create(campaign=campaign, language="de", subject="x", html="x", text="x", digest="1")
    Link.objects.create(edition=other, number=9, url="https://example.com/other")
    token = sign(Purpose.CLICK, mail.delivery.pk)
    wrong = [f"/c/{bad}/2" for _name, bad in wrong_tokens(mail.delivery.pk, Purpose.CLICK)]
    wrong += [f"/c/{token}/{number}" for number in ("0", "1", "9", "02", "-2", "2.0", "x", "²", "٢", "9" * 30)]
    wrong += [f"/c/{sign(Purpose.CLICK, number)}/2" for number in (0, mail.delivery.pk + 1, 2**63 - 1)]

    refusals = set()
    for bad in wrong:
        for method in (client.get, client.head):
            response = method(bad)
            assert response.status_code == 404, bad
            assert response.headers["Referrer-Policy"] == "no-referrer"
            refusals.add(response.content)

    assert len(refusals - {b""}) == 1
    assert not Event.objects.exists()


def test_nothing_is_posted_to_a_link(client, mail, link):
    assert client.post(address(mail)).status_code == 405
    assert not Event.objects.exists()


def test_the_answer_is_kept_by_nobody_and_says_nowhere_where_it_came_from(client, mail, link):
    response = client.get(address(mail))

    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response.headers["X-Robots-Tag"]
    assert not response.cookies


def test_who_was_never_sent_an_edition_follows_no_link(client, mail, link, ann, campaign):
    Delivery.objects.update(edition=None)

    assert client.get(address(mail)).status_code == 404
