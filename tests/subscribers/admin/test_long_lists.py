"""Lists of people that are too long to be counted or to have page numbers."""

import pytest

from subscribers import searching
from subscribers.admin import keyset
from subscribers.admin.filters import FILTERS, selection_of
from subscribers.models import ConsentRecord, Import, Segment, Subscriber, Subscription, Tag
from subscribers.selections import people

PEOPLE = "/admin/subscribers/subscriber/"


@pytest.fixture
def crowd(db, monkeypatch):
    monkeypatch.setattr(keyset.KeysetAdmin, "list_per_page", 3)
    return [Subscriber.objects.create(email=f"reader{number}@example.org") for number in range(8)]


def shown(response):
    return [person.email for person in response.context["cl"].result_list]


def test_pages_follow_each_other_by_key_in_both_directions(admin_client, crowd):
    emails = [person.email for person in reversed(crowd)]
    first = admin_client.get(PEOPLE)

    second = admin_client.get(PEOPLE + first.context["cl"].next_page)
    third = admin_client.get(PEOPLE + second.context["cl"].next_page)
    back = admin_client.get(PEOPLE + third.context["cl"].previous_page)
    at_the_start = admin_client.get(PEOPLE + back.context["cl"].previous_page)

    assert [shown(page) for page in (first, second, third)] == [emails[:3], emails[3:6], emails[6:]]
    assert shown(back) == emails[3:6]
    assert shown(at_the_start) == emails[:3]
    assert not first.context["cl"].previous_page
    assert not third.context["cl"].next_page
    assert 'rel="next"' in first.content.decode()


def test_somebody_new_shifts_nobody_to_the_next_page(admin_client, crowd):
    first = admin_client.get(PEOPLE)
    Subscriber.objects.create(email="new@example.org")

    second = admin_client.get(PEOPLE + first.context["cl"].next_page)

    assert not set(shown(first)) & set(shown(second))


def test_a_new_filter_begins_on_the_first_page_and_a_page_keeps_its_filter(admin_client, crowd):
    Subscriber.objects.filter(pk__in=[person.pk for person in crowd[:4]]).update(language="de")

    first = admin_client.get(PEOPLE, {"language": "de"})
    second = admin_client.get(PEOPLE + first.context["cl"].next_page)

    assert shown(second) == [crowd[0].email]
    assert "after=" not in second.context["cl"].get_query_string({"language": "fr"})


def test_the_next_page_and_what_is_done_to_everybody_keep_the_search(admin_client, crowd):
    Subscriber.objects.create(email="ann@example.com")

    first = admin_client.get(PEOPLE, {"q": "reader"})
    second = admin_client.get(PEOPLE + first.context["cl"].next_page)

    assert "ann@example.com" not in shown(second)
    assert shown(second) == [person.email for person in reversed(crowd)][3:6]
    for page in (first, second):
        assert "/admin/subscribers/bulkchange/add/?q=reader" in page.content.decode()
        assert 'name="after"' not in page.content.decode()


@pytest.mark.parametrize("query", [{"after": "x"}, {"before": "9" * 40}, {"after": "0"}, {"p": "7"}, {"o": "1"}])
def test_nonsense_in_the_address_is_no_error(admin_client, crowd, query):
    assert admin_client.get(PEOPLE, query).status_code == 200


def test_nobody_counts_further_than_anybody_reads(admin_client, crowd, monkeypatch):
    assert "subscribers: 8" in admin_client.get(PEOPLE).content.decode()
    monkeypatch.setattr(keyset, "COUNTED", 5)

    assert "more than 5" in admin_client.get(PEOPLE, {"suppressed": "no"}).content.decode()


def test_what_is_shown_is_what_a_worker_would_change(admin_client, ann, news, db):
    """For each filter and all of them together."""
    bob = Subscriber.objects.create(email="bob@example.com", first_name="Bob", language="fr")
    tag = Tag.objects.create(name="Fair")
    bob.tags.add(tag)
    done = Import.objects.create(name="people.xlsx")
    ConsentRecord.objects.create(subscriber=bob, mailing_list=news, action="granted", source="import", found_in=done)
    Subscription.objects.create(subscriber=bob, mailing_list=news, status="pending")
    searching.catch_up(seconds=9)
    french = Segment.objects.create(name="French", rules={"fact": "language", "is": "one_of", "value": ["fr"]})
    queries = [
        {"segment": str(french.pk)},
        {"tag": str(tag.pk)},
        {"import": str(done.pk)},
        {"language": "fr"},
        {"q": "bob"},
        {"suppressed": "no", "q": "example.com"},
        {"list": str(news.pk), "on": "pending"},
        {"list": str(news.pk)},
        {"on": "none"},
        {},
    ]

    for query in queries:
        page = admin_client.get(PEOPLE, query)
        assert set(shown(page)) == {person.email for person in people(selection_of(query))}, query
    together = {name: value for query in queries[:7] for name, value in query.items()}
    assert [person.email for person in people(selection_of(together))] == ["bob@example.com"]
    assert len(FILTERS) == 7


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_segment_that_nobody_understands_finds_nobody_and_says_so(admin_client, ann, is_gone):
    odd = Segment.objects.create(name="Odd", rules={"fact": "moon", "is": "full", "value": 1})
    number = odd.pk + 1 if is_gone else odd.pk

    page = admin_client.get(PEOPLE, {"segment": number})
    refused = admin_client.get("/admin/subscribers/bulkchange/add/", {"segment": number}, follow=True)

    assert shown(page) == []
    assert len(list(page.context["messages"])) == 1
    assert refused.redirect_chain[0][0] == PEOPLE
