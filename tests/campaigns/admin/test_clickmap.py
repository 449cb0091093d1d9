"""Clicks beside the links of the mail, in a frame in which nothing runs and no link leads anywhere."""

from __future__ import annotations

import re

import pytest

from campaigns.composition.clickmap import with_counts
from campaigns.models import Campaign, Content, Event, Hits, Link
from tests.campaigns.admin.desk import page, staff, words
from tests.campaigns.delivery import scene
from tests.catcher import Catcher

pytestmark = pytest.mark.django_db

BODY = (
    '<p>{{ first_name }}, see <a href="https://example.org/a?b=1&amp;c=2">this</a>, '
    '<a class="x" href="https://example.org/b"><img src="https://example.org/b.png" alt=""></a> and '
    '<a href="mailto:ann@example.org">write</a>.</p>'
)


@pytest.fixture
def campaign(catcher: Catcher) -> Campaign:
    """Ann followed the first link, and perhaps a machine did for Bob."""
    made = scene.campaign("Ann", "Bob")
    Content.objects.update(body_html=BODY)
    made.mailing_lists.update(tracking="person")
    made = scene.send(made)
    edition = made.editions.get()
    edition.links.all().delete()
    for number, url in enumerate(("https://example.org/a?b=1&c=2", "https://example.org/b"), start=1):
        Link.objects.create(edition=edition, number=number, url=url)
    ann, bob = (made.deliveries.get(subscriber__first_name=name) for name in ("Ann", "Bob"))
    Event.objects.create(delivery=ann, kind="clicked", link=1)
    Event.objects.create(delivery=bob, kind="clicked", link=1, is_suspect=True)
    return made


def badges(html: str) -> list[tuple[str, str]]:
    """What stands in which link."""
    return re.findall(r"<a[^>]*><span[^>]*>&#8288;<span[^>]*>([^<]+)</span></span>([^<]*)", html)


def test_each_link_has_its_number(campaign: Campaign) -> None:
    answer = staff().get(page(campaign, "report_frame"))

    assert badges(answer.content.decode()) == [("1–2", "this"), ("0", "")]


def test_sums_are_shown_when_asked_for_and_when_there_is_nothing_else(campaign: Campaign) -> None:
    hour = campaign.leaves_at.replace(minute=0, second=0, microsecond=0)
    Hits.objects.create(edition=campaign.editions.get(), link=2, is_suspect=False, hour=hour, number=1234)
    colleague = staff()

    asked = colleague.get(page(campaign, "report_frame"), {"count": "hits"})
    Event.objects.all().delete()
    alone = colleague.get(page(campaign, "report_frame"))

    for answer in (asked, alone):
        assert badges(answer.content.decode()) == [("0", "this"), ("1,234", "")]


def test_nothing_in_the_frame_can_be_pressed(campaign: Campaign) -> None:
    answer = staff().get(page(campaign, "report_frame"))

    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    html = answer.content.decode()
    assert "<body inert>" in html
    assert "href" not in html


def test_what_a_mail_holds_stays_what_it_is() -> None:
    html = '<a title="x" href="https://example.org/<b>" id="y">z</a>'

    assert with_counts(html, {}) == '<a title="x" id="y">z</a><body inert>'
    assert "&lt;b&gt;" in with_counts('<a href="https://example.org/">z</a>', {"https://example.org/": "<b>"})


def test_the_page_has_the_same_numbers_as_a_table(campaign: Campaign) -> None:
    said = words(staff().get(page(campaign, "report_map")))

    assert "https://example.org/a?b=1&c=2 English, number 1 1–2" in said


def test_a_language_that_it_was_not_sent_in_leads_to_the_default(campaign: Campaign) -> None:
    answer = staff().get(page(campaign, "report_map"), {"language": "ja", "count": "x"})

    assert (answer.context["edition"].language, answer.context["counted"]) == ("en", "people")
