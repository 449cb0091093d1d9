"""Which links are counted, and how they stand in a mail."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from campaigns.composition.compile import freeze
from campaigns.composition.message import CampaignMessage, Composer, compose, preview
from campaigns.composition.tracking import PIXEL, numbered, tracked, with_pixel
from campaigns.models import Campaign, Delivery
from campaigns.signing import Counted
from subscribers.signing import Purpose, read, sign
from tests.campaigns.composition.conftest import Write
from tests.wire import check_wire

Deliver = Callable[..., Delivery]

BODY = (
    '<p><a href="https://example.org/a?b=1&amp;c=2">one</a> <a href="https://example.com/">two</a> '
    '<a href="https://example.org/a?b=1&amp;c=2">one again</a> <a href="mailto:ann@example.org">write</a> '
    '<a href="tel:+49123">call</a> <a href="#top">up</a> '
    '<a href="https://example.org/?who={{ email|urlencode }}">for you</a></p>'
    "<p>&lt;a href=\"https://example.net/sample\"&gt;</p><img src='https://example.net/picture.png' alt=''>"
    '<!--[if mso]><v:rect href="https://example.net/button?a=1&copy=2"></v:rect><![endif]-->'
)
COUNTED = ["https://example.org/a?b=1&c=2", "https://example.com/", "https://example.net/button?a=1&copy=2"]
# Mail programs make any address in a text a link.
COUNTED.append("https://example.net/sample")
TRACKED = re.compile(r"http://127\.0\.0\.1:8000/c/([a-z2-7]+)/(\d+)")


@pytest.fixture
def counting(campaign: Campaign) -> Campaign:
    campaign.tracking = "person"
    campaign.save()
    return campaign


def read_parts(message: CampaignMessage) -> tuple[str, str]:
    return str(message.body), message.html


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<a href="https://example.org/">x</a>', ["https://example.org/"]),
        ("<a class='b' href='https://example.org/'>x</a>", ["https://example.org/"]),
        ('<area href="HTTP://example.org/">', ["HTTP://example.org/"]),
        ('<a href="https://example.org/?a=1&amp;b=%20&quot;">x</a>', ['https://example.org/?a=1&b=%20"']),
        ('<a title="{{ name }}" href="https://example.org/">x</a>', ["https://example.org/"]),
        ('<a href="https://example.org/it\'s">x</a>', ["https://example.org/it's"]),
        ('<a href="https://example.org/{{ name }}">x</a>', []),
        ('<a href="{{ unsubscribe_url }}">x</a>', []),
        ('<a href="mailto:ann@example.org">x</a><a href="#a">x</a>', []),
        ('<img src="https://example.org/a.png"><p>https://example.org/</p>', []),
        ('<p>&lt;a href="https://example.org/"&gt;</p>', []),
        ('<a href="https://[half">x</a>', []),
        (f'<a href="https://example.org/{"x" * 2000}">x</a>', []),
        ('{{ name|default:"<a href=https://example.org/>" }}', []),
    ],
)
def test_a_link_in_html_is_counted_unless_it_is_somebodys_own(html: str, found: list[str]) -> None:
    assert list(numbered(html, "")) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See https://example.org/a.", ["https://example.org/a"]),
        ("here (https://example.org/a(b)), there", ["https://example.org/a(b)"]),
        ("<https://example.org/>!", ["https://example.org/"]),
        ("https://example.org/a?b=c&d=e#f", ["https://example.org/a?b=c&d=e#f"]),
        ("https://example.org/{{ name }}", []),
        ("{{ unsubscribe_url }} mailto:ann@example.org https://...", []),
        ('{{ name|default:"https://example.org/" }}', []),
        ("https://example.org/{% if name %}a{% endif %}", []),
    ],
)
def test_a_link_in_the_text_ends_where_a_reader_would_end_it(text: str, found: list[str]) -> None:
    assert list(numbered("", text)) == found


def test_one_address_has_one_number_in_both_parts() -> None:
    html = '<a href="https://example.org/b">x</a><a href="https://example.org/a">x</a>'

    links = numbered(html, "https://example.org/a https://example.org/c https://example.org/b")

    assert links == {"https://example.org/b": 1, "https://example.org/a": 2, "https://example.org/c": 3}


SCRAPS = st.sampled_from(
    [
        '<a href="',
        "https://example.org/",
        '">',
        "</a>",
        "{{ name }}",
        "{% if name %}",
        "{% endif %}",
        "&amp;",
        "'",
        " x",
    ]
)


@given(st.lists(SCRAPS | st.text(max_size=5), max_size=12).map("".join), st.booleans())
def test_without_numbers_nothing_changes(source: str, is_html: bool) -> None:
    found = numbered(source, source)

    assert tracked(source, {}, is_html=is_html) == source.replace("\ufdd0", "")
    assert tracked(source, {"https://example.net/other": 1}, is_html=is_html) == source.replace("\ufdd0", "")
    assert all(url.lower().startswith(("http://", "https://")) for url in found)


def test_a_mail_leads_through_us_and_by_number(counting: Campaign, write: Write, deliver: Deliver) -> None:
    write(body_html=BODY)
    delivery = deliver()

    message = Composer(counting).compose(delivery)

    text, html = read_parts(message)
    assert list(counting.editions.get().links.values_list("number", "url")) == list(enumerate(COUNTED, start=1))
    assert [number for _token, number in TRACKED.findall(html)] == ["1", "2", "1", "3", "0"]
    assert [number for _token, number in TRACKED.findall(text)] == ["1", "2", "1", "4"]
    assert named(text + html) == {(delivery.edition_id, delivery.pk)}
    for bare in ("mailto:ann@example.org", "tel:+49123", f"?who={delivery.email.replace('@', '%40')}", "/net/sample"):
        assert bare.replace("/net/sample", '&lt;a href="https://example.net/sample"&gt;') in html
    assert not any(url in html or url in text for url in ("https://example.com/", "https://example.org/a"))
    assert check_wire(message.wire, Envelope(delivery.email)) == []


def named(mail: str) -> set[tuple[int, int]]:
    """The editions and deliveries in what is counted of a mail."""
    return {Counted.of(read(Purpose.CLICK, token)) for token, _number in TRACKED.findall(mail)}


@pytest.mark.parametrize(
    ("tracking", "may_track", "names"),
    [
        ("person", True, "the person"),
        ("person", None, "the edition"),
        ("person", False, "nothing"),
        ("aggregate", True, "the edition"),
        ("aggregate", None, "the edition"),
        ("aggregate", False, "nothing"),
        ("off", True, "nothing"),
        ("off", None, "nothing"),
    ],
)
def test_who_is_counted_decide_the_list_and_the_reader(
    campaign: Campaign, write: Write, deliver: Deliver, tracking: str, may_track: bool | None, names: str
) -> None:
    campaign.tracking = tracking
    write(body_html=BODY)
    delivery = deliver(may_track=may_track)

    text, html = read_parts(Composer(campaign).compose(delivery))

    edition = delivery.edition_id
    expected = {"the person": {(edition, delivery.pk)}, "the edition": {(edition, 0)}, "nothing": set()}[names]
    assert named(text) == named(html) == expected
    assert ("<img" in html.partition("picture.png")[2]) == bool(expected)


def test_readers_of_all_kinds_get_what_is_theirs_from_one_composer(
    counting: Campaign, write: Write, deliver: Deliver
) -> None:
    write(body_html=BODY)
    ann, bob, chloe = (deliver(may_track=may_track) for may_track in (True, False, None))
    composer = Composer(counting)

    mails = ["".join(read_parts(composer.compose(each))) for each in (ann, bob, chloe, ann)]

    edition = ann.edition_id
    assert [named(mail) for mail in mails] == [{(edition, ann.pk)}, set(), {(edition, 0)}, {(edition, ann.pk)}]


@pytest.mark.parametrize(
    "html",
    [
        "<html><body><p>Hi</p>HERE</body></html>",
        "<p>Hi</p>HERE",
        "<body><!-- </body > --><p>Hi</p>HERE</BODY ></html>",
        '<body>{{ name|default:"</body>" }}HERE</body>',
        '<body>HERE</body>{{ name|default:"</body>" }}',
        "HERE",
    ],
)
def test_the_pixel_stands_at_the_end_of_the_body(html: str) -> None:
    assert with_pixel(html.replace("HERE", "")) == html.replace("HERE", PIXEL)


def test_a_mail_without_links_tells_when_it_is_shown(counting: Campaign, write: Write, deliver: Deliver) -> None:
    write()
    delivery = deliver()

    text, html = read_parts(Composer(counting).compose(delivery))

    token = sign(Purpose.CLICK, Counted(delivery.edition_id, delivery.pk).number)
    pixel = f'<img src="http://127.0.0.1:8000/c/{token}/0" width="1" height="1" alt="">'
    assert html.count(pixel) == 1
    assert html.partition(pixel)[2].strip() == "</body></html>".replace("><", ">\n<")
    assert token not in text


class Envelope:
    mail_from = "news@example.org"

    def __init__(self, recipient: str) -> None:
        self.rcpt_tos = [recipient]


def test_links_stay_bare_unless_clicks_are_counted(campaign: Campaign, write: Write, deliver: Deliver) -> None:
    write(body_html=BODY)
    delivery = deliver()

    text, html = read_parts(Composer(campaign).compose(delivery))

    assert not TRACKED.search(text + html)
    assert 'width="1"' not in html
    assert 'href="https://example.org/a?b=1&amp;c=2"' in html
    assert "(https://example.org/a?b=1&c=2)" in text
    assert not campaign.editions.get().links.exists()


def test_what_staff_look_at_counts_nothing(counting: Campaign, write: Write, deliver: Deliver) -> None:
    content = write(body_html=BODY)
    delivery = deliver()

    for message in (compose(delivery), preview(content), preview(content, delivery.subscriber)):
        text, html = read_parts(message)
        assert not TRACKED.search(text + html)
        assert 'href="https://example.com/"' in html


def test_links_are_asked_for_once(counting: Campaign, write: Write, deliver: Deliver) -> None:
    write(body_html=BODY)
    numbers = [deliver().pk for _each in range(3)]
    loaded = list(Delivery.objects.filter(pk__in=numbers).select_related("subscriber", "edition"))
    composer = Composer(counting)

    with CaptureQueriesContext(connection) as queries:
        for delivery in loaded:
            composer.compose(delivery)

    assert len(queries) == 1


def test_freezing_again_keeps_the_numbers(counting: Campaign, write: Write) -> None:
    content = write(body_html=BODY)
    freeze(counting)
    content.body_html = '<p><a href="https://example.com/new">x</a></p>'
    content.save()

    freeze(counting)

    assert list(counting.editions.get().links.values_list("url", flat=True)) == COUNTED


def test_links_that_a_crash_left_out_are_numbered_later(counting: Campaign, write: Write) -> None:
    write(body_html=BODY)
    freeze(counting)
    counting.editions.get().links.all().delete()

    freeze(counting)

    assert counting.editions.get().links.count() == len(COUNTED)


@pytest.mark.parametrize("length", [1, 20, 33, 34, 60, 180])
def test_the_rules_hold_however_long_the_address_of_the_site_is(
    counting: Campaign, write: Write, deliver: Deliver, settings: Any, length: int
) -> None:
    settings.BASE_URL = "https://" + ".".join(["n" * 60] * (length // 61) + ["n" * (length % 61 or 1), "example.org"])
    write(body_html=BODY)

    delivery = deliver()

    message = Composer(counting).compose(delivery)

    assert check_wire(message.wire, Envelope(delivery.email)) == []
    assert f'href="{settings.BASE_URL}/c/' in message.html
