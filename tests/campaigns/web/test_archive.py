"""What everybody may read of what was sent to a list, and what stays with those who got it."""

import re

import pytest
from django.test import Client

from campaigns.models import Campaign
from subscribers.models import Brand, MailingList, Segment, SignUpForm


@pytest.fixture
def visitor():
    return Client(enforce_csrf_checks=True)


def path(campaign, language="en", label="news"):
    return f"/archive/{label}/{campaign.pk}/{language}"


def words(page):
    assert page.status_code == 200
    return page.content.decode()


def test_everybody_reads_what_was_sent_as_if_nothing_was_known_of_them(visitor, sent):
    page = words(visitor.get(path(sent())))

    assert "<title>News for</title>" in page
    assert "Hello friend</h1>" in page
    assert 'href="https://example.com/tide"' in page
    assert "Unsubscribe" not in page
    assert "Secret name" not in page


def test_the_list_shows_the_newest_first_each_in_the_language_of_the_page(visitor, sent):
    first, second = sent("en", "de"), sent("en")

    page = words(visitor.get("/archive/news/", headers={"Accept-Language": "de"}))

    assert re.findall(r'<a href="(/archive/news/\d+/\w\w)"', page) == [path(second, "en"), path(first, "de")]
    assert '<h1 dir="auto">Neuigkeiten</h1>' in page
    assert "Neues für" in page
    assert "5. Mai 2026" in page


def test_a_long_archive_is_turned_over_page_by_page(visitor, sent, monkeypatch):
    monkeypatch.setattr("campaigns.web.pages.PER_PAGE", 2)
    campaigns = [sent() for _each in range(5)]
    seen, address = [], "/archive/news/?language=en"

    while address:
        page = words(visitor.get(address))
        seen += re.findall(r'<a href="/archive/news/(\d+)/en"', page)
        older = re.search(r'<a rel="next" href="([^"]+)"', page)
        address = older and "/archive/news/" + older[1].replace("&amp;", "&")

    assert seen == [str(campaign.pk) for campaign in reversed(campaigns)]
    assert 'content="noindex, follow"' in page


@pytest.mark.parametrize(
    "facts",
    [
        {"status": "draft"},
        {"status": "sending"},
        {"status": "paused"},
        {"status": "cancelled"},
        {"in_archive": False},
        {"frozen_segments": {"within": [["Few", {}]], "without": []}},
        {"frozen_segments": {"within": [], "without": [["Few", {}]]}},
    ],
    ids=str,
)
def test_what_is_not_for_everybody_is_not_there(visitor, sent, facts):
    shown, hidden = sent(frozen_segments={"within": [], "without": []}), sent(**facts)

    assert visitor.get(path(hidden)).status_code == 404
    for address in ("/archive/news/", "/archive/news/feed/en", "/sitemap.xml"):
        page = words(visitor.get(address))
        assert path(shown) in page
        assert path(hidden) not in page


@pytest.mark.parametrize("part", ["segments", "excluded_segments", "excluded_lists"])
def test_what_some_were_left_out_of_is_not_there(visitor, sent, part):
    campaign = sent()
    few = MailingList.objects.create(name="Few", label="few")
    getattr(campaign, part).add(few if part == "excluded_lists" else Segment.objects.create(name="Few", rules={}))

    assert visitor.get(path(campaign)).status_code == 404


def test_a_list_without_an_archive_has_none(visitor, sent):
    campaign = sent()
    MailingList.objects.update(has_archive=False)

    for address in ("/archive/news/", "/archive/news/feed/en", path(campaign)):
        assert visitor.get(address).status_code == 404
    assert "/archive/" not in words(visitor.get("/sitemap.xml"))


def test_what_went_to_two_lists_is_shown_by_those_with_an_archive_and_known_by_the_first(visitor, sent, news):
    closed = MailingList.objects.create(name="Closed", label="closed")
    tips = MailingList.objects.create(name="Tips", label="tips", has_archive=True)
    campaign = sent(lists=(closed, tips, news))

    assert visitor.get(path(campaign, label="closed")).status_code == 404
    for label in ("news", "tips"):
        page = words(visitor.get(path(campaign, label=label)))
        assert f'<link rel="canonical" href="https://news.example.org{path(campaign)}">' in page
    assert path(campaign, label="tips") not in words(visitor.get("/sitemap.xml"))


@pytest.mark.parametrize(
    "address",
    [
        "/archive/nothing/",
        "/archive/news/?before=x",
        "/archive/news/?before=-1",
        "/archive/news/?before=99999999999999999999",
        "/archive/news/?before=999",
        "/archive/news/999/en",
        "/archive/news/{}/xx",
        "/archive/news/{}/EN",
        "/archive/news/{}/",
        "/archive/news/99999999999999999999/en",
        "/archive/news/feed/xx",
        "/archive/news/feed/e%00n",
        "/archive/news/{}/e%00n",
        "/archive/nothing/feed/en",
    ],
)
def test_what_is_not_there_is_said_in_the_language_of_the_visitor(visitor, sent, address):
    page = visitor.get(address.format(sent().pk), headers={"Accept-Language": "de"})

    assert page.status_code == 404
    assert 'lang="de"' in page.content.decode()


@pytest.mark.parametrize("address", ["/archive/news/", "/archive/news/feed/en", "/sitemap.xml", "/robots.txt", "mail"])
def test_it_can_only_be_read(visitor, sent, address):
    address = path(sent()) if address == "mail" else address

    for method in ("post", "put", "patch", "delete"):
        assert getattr(visitor, method)(address).status_code == 405
    head = visitor.head(address)
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize("address", ["/archive/news/", "/archive/news/feed/en", "/sitemap.xml", "mail"])
def test_it_is_kept_for_a_while_and_sent_again_only_when_it_changed(visitor, sent, address):
    campaign = sent("en", "de")
    address = path(campaign) if address == "mail" else address

    first = visitor.get(address)
    again = visitor.get(address, headers={"If-None-Match": first.headers["ETag"]})
    campaign.editions.filter(language="en").update(subject="Other", html="<p>Other</p>")
    Campaign.objects.update(finished_at=campaign.finished_at.replace(year=2027))
    changed = visitor.get(address, headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=300"
    assert "Accept-Language" in first.headers["Vary"]
    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200
    assert not first.cookies


def test_whoever_kept_a_mail_is_not_told_that_it_may_do_more(visitor, sent):
    address = path(sent())
    first = visitor.get(address)

    again = visitor.get(address, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert "sandbox" in first.headers["Content-Security-Policy"]
    assert again.headers["Content-Security-Policy"] == first.headers["Content-Security-Policy"]


def test_a_mail_says_when_it_was_sent_and_may_be_found(visitor, sent):
    page = visitor.get(path(sent()))

    assert page.headers["Last-Modified"] == "Mon, 04 May 2026 09:00:00 GMT"
    assert "X-Robots-Tag" not in page.headers
    assert "noindex" not in words(page)


def test_pages_know_their_other_languages(visitor, sent):
    campaign = sent("en", "de", default_language="de")

    page = words(visitor.get(path(campaign, "en")))

    site = "https://news.example.org"
    assert f'<link rel="alternate" hreflang="de" href="{site}{path(campaign, "de")}">' in page
    assert f'<link rel="alternate" hreflang="en" href="{site}{path(campaign, "en")}">' in page
    assert f'<link rel="alternate" hreflang="x-default" href="{site}{path(campaign, "de")}">' in page
    assert f'<a href="{path(campaign, "de")}" hreflang="de" lang="de">Deutsch</a>' in page


def test_other_sites_show_title_words_and_picture(visitor, sent):
    Brand.objects.create(name="The River Letter")
    MailingList.objects.update(brand=Brand.objects.get())

    page = words(visitor.get(path(sent())))

    for name, content in {
        "og:title": "News for",
        "og:description": "0 en for",
        "og:image": "https://example.com/harbour.png",
        "og:site_name": "The River Letter",
        "article:published_time": "2026-05-04T09:00:00+00:00",
    }.items():
        assert f'<meta property="{name}" content="{content}">' in page
    assert '<meta name="twitter:card" content="summary_large_image">' in page


def test_without_a_preheader_the_first_words_describe_a_mail(visitor, sent):
    campaign = sent()
    campaign.contents.update(preheader="")

    assert '<meta name="description" content="Hello friend Read the tides.' in words(visitor.get(path(campaign)))


def test_the_feed_holds_the_newest_in_one_language(visitor, sent):
    first, second = sent("en", "de"), sent("en")

    page = visitor.get("/archive/news/feed/de")

    assert page.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = words(page)
    assert 'xml:lang="de"' in feed
    assert "<title>Neuigkeiten</title>" in feed
    site = "https://news.example.org"
    assert re.findall(r"<id>([^<]+)</id>", feed)[1:] == [f"{site}{path(second)}", f"{site}{path(first, 'de')}"]
    assert re.findall(r"<summary[^>]*>([^<]+)</summary>", feed) == ["1 en for", "0 de for"]
    assert "<published>2026-05-04T09:00:00+00:00</published>" in feed


def test_the_map_of_the_site_names_all_pages_with_their_languages(visitor, sent):
    campaign = sent("en", "de")

    page = visitor.get("/sitemap.xml")

    site = "https://news.example.org"
    assert page.headers["Content-Type"] == "application/xml; charset=utf-8"
    found = re.findall(r"<loc>([^<]+)</loc>", words(page))
    assert found == [f"{site}/archive/news/", f"{site}{path(campaign, 'de')}", f"{site}{path(campaign)}"]
    assert words(page).count('hreflang="de"') == 2
    assert "<lastmod>2026-05-04T09:00:00+00:00</lastmod>" in words(page)


def test_search_engines_are_told_where_the_map_is_and_what_to_leave_alone(visitor, db):
    page = visitor.get("/robots.txt")

    assert page.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "Disallow: /admin/\n" in words(page)
    assert "Sitemap: https://news.example.org/sitemap.xml\n" in words(page)


def test_pages_cost_few_questions_however_much_there_is(visitor, sent, django_assert_max_num_queries):
    campaigns = [sent("en", "de") for _each in range(6)]

    for address, most in {
        path(campaigns[0]): 8,
        "/archive/news/": 4,
        "/archive/news/feed/en": 4,
        "/sitemap.xml": 4,
    }.items():
        with django_assert_max_num_queries(most):
            assert visitor.get(address).status_code == 200


def test_the_archive_of_a_list_to_which_nothing_was_sent_says_so(visitor, news):
    page = words(visitor.get("/archive/news/"))

    assert "Nothing has been sent yet" in page


def test_who_likes_what_is_there_finds_the_form_for_this_list_alone(visitor, sent, news):
    both, alone, over = (SignUpForm.objects.create(slug=slug, name=slug) for slug in ("both", "alone", "over"))
    both.mailing_lists.set([news, MailingList.objects.create(name="Tips", label="tips")])
    assert 'href="/s/both?language=en"' in visitor.get("/archive/news/").content.decode()

    for form in (alone, over):
        form.mailing_lists.set([news])
    SignUpForm.objects.filter(pk=over.pk).update(is_active=False)

    assert 'href="/s/alone?language=en"' in visitor.get("/archive/news/").content.decode()


def test_so_does_each_mail_in_it(visitor, sent, news):
    campaign = sent()
    before = words(visitor.get(path(campaign)))
    SignUpForm.objects.create(slug="join", name="Join").mailing_lists.add(news)

    assert "/s/join" not in before
    assert 'href="/s/join?language=en"' in words(visitor.get(path(campaign)))
