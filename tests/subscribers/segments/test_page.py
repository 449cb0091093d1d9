"""Staff build a segment on its page, with the buttons that are there without any script."""

from typing import Any

import pytest
from django.test import Client

from campaigns.models import Campaign
from subscribers.models import Attribute, MailingList, Segment, Subscriber, Subscription
from tests.campaigns.admin import composing

pytestmark = pytest.mark.django_db

ADD = "/admin/subscribers/segment/add/"
MAY = ("view_segment", "add_segment", "change_segment", "delete_segment", "view_subscriber")


def page_of(segment: Segment) -> str:
    return f"/admin/subscribers/segment/{segment.pk}/change/"


def condition(fact: str, comparison: str, *values: Any, at: str = "rule.0") -> dict[str, Any]:
    return {f"{at}.fact": fact, f"{at}.is": comparison, f"{at}.value": [str(value) for value in values]}


GERMAN = {"name": "Germans", "description": "", "rule.group": "all"} | condition("language", "one_of", "de")


@pytest.fixture
def chief() -> Client:
    return composing.staff(*MAY)


@pytest.fixture(autouse=True)
def readers() -> None:
    for name, language in (("ann", "de"), ("bob", "en"), ("cho", "de")):
        Subscriber.objects.create(email=f"{name}@example.org", first_name=name, language=language)


def test_a_segment_is_saved_as_it_was_filled_in_and_counted(chief: Client) -> None:
    answer = chief.post(ADD, GERMAN, follow=True)

    segment = Segment.objects.get()
    assert segment.rules == {"all": [{"fact": "language", "is": "one_of", "value": ["de"]}]}
    assert segment.people == 2
    assert segment.created_by is not None
    assert answer.redirect_chain == [(page_of(segment), 302)]
    assert "language is one of German" in answer.content.decode()


def test_values_of_all_kinds_are_saved_as_what_they_are(chief: Client) -> None:
    for name, kind in (("age", "number"), ("birthday", "date"), ("vip", "boolean")):
        Attribute.objects.create(name=name, kind=kind)
    news = MailingList.objects.create(name="News", label="news")
    form = GERMAN | condition("attribute:age", "between", "17", "65.5")
    form |= condition("attribute:birthday", "before", "2000-01-01", at="rule.1")
    form |= {"rule.2.group": "none"} | condition("attribute:vip", "yes", at="rule.2.0")
    form |= condition("on_list", "one_of", news.pk, at="rule.2.1") | condition("added", "last_days", "30", at="rule.3")
    form |= condition("email", "contains", " 007 ", at="rule.4")

    chief.post(ADD, form)

    assert Segment.objects.get().rules == {
        "all": [
            {"fact": "attribute:age", "is": "between", "value": [17, 65.5]},
            {"fact": "attribute:birthday", "is": "before", "value": "2000-01-01"},
            {
                "none": [
                    {"fact": "attribute:vip", "is": "yes"},
                    {"fact": "on_list", "is": "one_of", "value": [news.pk]},
                ]
            },
            {"fact": "added", "is": "last_days", "value": 30},
            {"fact": "email", "is": "contains", "value": " 007 "},
        ]
    }


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (condition("language", "one_of"), "Choose at least one."),
        (condition("language", "one_of", "tlh"), "does not exist any more"),
        (condition("email", "contains", ""), "Write a text."),
        (condition("added", "last_days", "many"), "Write a number of days"),
        (condition("added", "before", "yesterday"), "Write a date"),
        (condition("password", "is", "x"), "Nothing is known by this name"),
        ({"rule.0.group": "any"}, "Add a condition, or remove the group."),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_saved(
    chief: Client, fields: dict[str, Any], words: str
) -> None:
    form = {"name": "Wrong", "rule.group": "all", **condition("first_name", "is", "ann", at="rule.0"), **fields}
    form = {name: value for name, value in form.items() if "rule.0.group" not in fields or not name.endswith(".fact")}

    page = chief.post(ADD, form).content.decode()

    assert words in page
    assert "Nothing was saved" in page
    assert not Segment.objects.exists()


def rules_after(client: Client, change: str, form: dict[str, Any]) -> dict[str, Any]:
    """What would be saved if staff pressed that button and then Save."""
    page = client.post(ADD, form | {"change": change})
    tree = page.context["root"]

    def read(part: Any) -> Any:
        if part.is_group:
            kind = next(option.value for option in part.kinds if option.is_chosen)
            return {kind: [read(each) for each in part.parts]}
        return next(option.value for _group, options in part.facts for option in options if option.is_chosen)

    assert not Segment.objects.exists()
    return read(tree)


def test_buttons_add_duplicate_and_remove_conditions_and_groups(chief: Client) -> None:
    form = GERMAN | {"rule.1.group": "any"} | condition("email", "contains", "a", at="rule.1.0")

    assert rules_after(chief, "add:rule", form) == {"all": ["language", {"any": ["email"]}, "language"]}
    assert rules_after(chief, "add:rule.1", form) == {"all": ["language", {"any": ["email", "language"]}]}
    assert rules_after(chief, "group:rule.1", form) == {"all": ["language", {"any": ["email", {"any": ["language"]}]}]}
    assert rules_after(chief, "copy:rule.1", form) == {"all": ["language", {"any": ["email"]}, {"any": ["email"]}]}
    assert rules_after(chief, "remove:rule.0", form) == {"all": [{"any": ["email"]}]}
    assert rules_after(chief, "remove:rule.1.0", form) == {"all": ["language", {"any": []}]}
    for nonsense in ("remove:rule.7", "add:rule.0", "copy:rule", "remove:rule", "explode:rule", "add:rule.²", ":"):
        assert rules_after(chief, nonsense, form) == {"all": ["language", {"any": ["email"]}]}


def test_pressing_a_button_keeps_what_was_written_and_says_who_it_would_be(chief: Client) -> None:
    page = chief.post(ADD, GERMAN | {"name": "Half written", "change": "ask"}).content.decode()

    assert 'value="Half written"' in page
    assert "<strong>2</strong> people" in page
    assert "ann@example.org" in page
    assert "bob@example.org" not in page


def test_a_script_gets_the_changed_part_alone(chief: Client) -> None:
    rules = chief.post(ADD, GERMAN | {"change": "add:rule"}, headers={"X-Requested-With": "fetch"}).content.decode()
    people = chief.post(ADD, GERMAN | {"change": "count"}).content.decode()

    assert "<html" not in rules
    assert 'name="rule.1.fact"' in rules
    assert 'data-name="rule.1"' in rules
    assert "<html" not in people
    assert "<strong>2</strong> people" in people


def test_who_may_not_see_people_sees_their_number(chief: Client) -> None:
    page = composing.staff("add_segment").post(ADD, GERMAN | {"change": "count"}).content.decode()

    assert "<strong>2</strong> people" in page
    assert "@example.org" not in page


def test_who_may_only_look_reads_it_in_words() -> None:
    segment = Segment.objects.create(
        name="Germans", rules={"none": [{"fact": "language", "is": "one_of", "value": ["de"]}]}
    )
    colleague = composing.staff("view_segment")

    page = colleague.get(page_of(segment)).content.decode()

    assert "not (language is one of German)" in page
    assert "<form" not in page.partition('class="segment"')[2]
    assert colleague.post(page_of(segment), GERMAN).status_code == 403


def test_a_segment_that_a_campaign_goes_by_stays(chief: Client) -> None:
    segment = Segment.objects.create(name="Germans", rules={"fact": "language", "is": "one_of", "value": ["de"]})
    campaign = composing.campaign("en")
    campaign.excluded_segments.add(segment)
    delete = f"/admin/subscribers/segment/{segment.pk}/delete/"

    assert campaign.name in chief.get(page_of(segment)).content.decode()
    assert chief.post(delete, {"post": "yes"}).status_code == 403
    many = {"action": "delete_selected", "_selected_action": [segment.pk], "post": "yes"}
    chief.post("/admin/subscribers/segment/", many)
    assert Segment.objects.exists()

    Campaign.objects.filter(pk=campaign.pk).update(status="cancelled")
    chief.post(delete, {"post": "yes"})
    assert not Segment.objects.exists()


def test_the_list_of_people_narrows_down_to_a_segment(chief: Client) -> None:
    segment = Segment.objects.create(name="Germans", rules={"fact": "language", "is": "one_of", "value": ["de"]})

    page = chief.get(f"/admin/subscribers/subscriber/?segment={segment.pk}").content.decode()

    assert "ann@example.org" in page
    assert "bob@example.org" not in page


def test_a_campaign_needs_a_list_or_a_segment() -> None:
    made = composing.campaign("en")
    author = composing.staff(*composing.WRITE)
    segment = Segment.objects.create(name="Germans", rules={"fact": "language", "is": "one_of", "value": ["de"]})
    Subscription.objects.create(
        subscriber=Subscriber.objects.get(first_name="ann"), mailing_list=composing.news(), status="active"
    )

    nobody = author.post(composing.address("change/", made), composing.posted(made, mailing_lists=[]))
    author.post(composing.address("change/", made), composing.posted(made, mailing_lists=[], segments=[segment.pk]))

    assert "Choose at least one list or segment." in nobody.content.decode()
    assert list(made.segments.all()) == [segment]
    assert not made.mailing_lists.exists()
