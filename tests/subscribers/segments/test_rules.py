"""Rules find whom they should find: as a plain reading of them in Python does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from subscribers.models import Attribute, MailingList, Subscriber, Subscription, Tag
from subscribers.segments.conditions import facts
from subscribers.segments.rules import BadRules, people
from subscribers.segments.wording import in_words

pytestmark = pytest.mark.django_db

VALUES: dict[str, list[Any]] = {
    "company": ["", "Acme", "acme & sons", "Ünïcode", "100%", 'quo"te', 5, True],
    "age": [0, 17, 17.5, -3, 10**12, "17", True],
    "birthday": ["1990-05-03", "2026-11-22", "2000-02-29", "", 7],
    "vip": [True, False, "true", 1],
    "size": ["S", "M", ""],
}
KINDS = {"company": "text", "age": "number", "birthday": "date", "vip": "boolean", "size": "choice"}


@pytest.fixture
def crowd() -> list[Subscriber]:
    for name, kind in KINDS.items():
        Attribute.objects.create(name=name, kind=kind, choices=["S", "M"] if kind == "choice" else [])
    return [
        Subscriber.objects.create(email=f"{name}{at}@example.org", attributes={name: value})
        for name, values in VALUES.items()
        for at, value in enumerate(values)
    ] + [Subscriber.objects.create(email="blank@example.org")]


def text(value: Any) -> str | None:
    return value.lower() if isinstance(value, str) else None


def number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


TEXTS: list[tuple[str, Any, Callable[[str], bool]]] = [
    ("is", "ACME", lambda it: it == "acme"),
    ("contains", "%", lambda it: "%" in it),
    ("contains", "sons", lambda it: "sons" in it),
    ("begins_with", "acme", lambda it: it.startswith("acme")),
    ("ends_with", '"te', lambda it: it.endswith('"te')),
    ("present", None, lambda it: it != ""),
]


@pytest.mark.parametrize(("comparison", "value", "holds"), TEXTS)
def test_a_text_is_compared_as_in_python(
    crowd: list[Subscriber], comparison: str, value: Any, holds: Callable[[str], bool]
) -> None:
    rule = {"fact": "attribute:company", "is": comparison, "value": value}

    found = set(people(rule))

    assert found == {one for one in crowd if (it := text(one.attributes.get("company"))) is not None and holds(it)}
    assert set(people({"none": [rule]})) == set(crowd) - found


NUMBERS: list[tuple[str, Any, Callable[[float], bool]]] = [
    ("is", 17, lambda it: it == 17),
    ("less", 17.5, lambda it: it < 17.5),
    ("most", 17.5, lambda it: it <= 17.5),
    ("more", 0, lambda it: it > 0),
    ("least", 0, lambda it: it >= 0),
    ("between", [-3, 17], lambda it: -3 <= it <= 17),
    ("present", None, lambda it: True),
]


@pytest.mark.parametrize(("comparison", "value", "holds"), NUMBERS)
def test_a_number_is_compared_as_in_python(
    crowd: list[Subscriber], comparison: str, value: Any, holds: Callable[[float], bool]
) -> None:
    rule = {"fact": "attribute:age", "is": comparison, "value": value}

    found = set(people(rule))

    assert found == {one for one in crowd if (it := number(one.attributes.get("age"))) is not None and holds(it)}
    assert set(people({"none": [rule]})) == set(crowd) - found


def emails(rule: Any) -> set[str]:
    return set(people(rule).values_list("email", flat=True))


@pytest.mark.usefixtures("crowd")
def test_yes_no_dates_and_choices_are_compared() -> None:
    def found(name: str, comparison: str, value: Any = None) -> set[str]:
        return emails({"fact": f"attribute:{name}", "is": comparison, "value": value})

    assert found("vip", "yes") == {"vip0@example.org"}
    assert found("vip", "no") == {"vip1@example.org"}
    assert found("birthday", "before", "2000-01-01") == {"birthday0@example.org"}
    assert found("birthday", "between", ["1990-05-03", "2000-02-29"]) == {
        "birthday0@example.org",
        "birthday2@example.org",
    }
    assert found("size", "one_of", ["S", "M"]) == {"size0@example.org", "size1@example.org"}
    assert "blank@example.org" in found("size", "none_of", ["S"])


def test_lists_and_tags_are_compared() -> None:
    news = MailingList.objects.create(name="News", label="news")
    vip = Tag.objects.create(name="vip")
    ann, bob, cho = (Subscriber.objects.create(email=f"{name}@example.org") for name in ("ann", "bob", "cho"))
    ann.tags.add(vip)
    Subscription.objects.create(subscriber=ann, mailing_list=news, status="active")
    Subscription.objects.create(
        subscriber=bob, mailing_list=news, status="active", expires_at=timezone.now() - timedelta(days=1)
    )
    Subscription.objects.create(subscriber=cho, mailing_list=news, status="ended")

    assert set(people({"fact": "on_list", "is": "one_of", "value": [news.pk]})) == {ann}
    assert set(people({"fact": "on_list", "is": "none_of", "value": [news.pk]})) == {bob, cho}
    assert set(people({"fact": "left_list", "is": "one_of", "value": [news.pk]})) == {cho}
    assert set(people({"any": [{"fact": "tag", "is": "one_of", "value": [vip.pk]}]})) == {ann}


def test_groups_stand_in_each_other() -> None:
    for name in ("ann", "bob", "cho"):
        Subscriber.objects.create(email=f"{name}@example.org", first_name=name)

    def named(name: str) -> dict[str, Any]:
        return {"fact": "first_name", "is": "is", "value": name}

    assert emails({"all": [{"any": [named("ann"), named("bob")]}, {"none": [named("bob")]}]}) == {"ann@example.org"}
    assert len(emails({"all": []})) == 3
    assert emails({"any": []}) == set()


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ({"fact": "password", "is": "is", "value": "x"}, ()),
        ({"fact": "subscriptions__mailing_list__name", "is": "is", "value": "x"}, ()),
        ({"fact": "email", "is": "regex", "value": "x"}, ()),
        ({"fact": "email", "is": "is", "value": {"x": 1}}, ()),
        ({"fact": "email", "is": "is", "value": "x" * 201}, ()),
        ({"fact": "on_list", "is": "one_of", "value": [99]}, ()),
        ({"fact": ["email"], "is": "is", "value": "x"}, ()),
        ({"all": [{"any": [{"fact": "email", "is": "contains", "value": 5}]}]}, (0, 0)),
        ({"all": [], "any": []}, ()),
        ({"all": {"fact": "email"}}, ()),
        ("email", ()),
        (None, ()),
        ({"all": [{"all": [{"all": [{"all": [{"all": [{"all": []}]}]}]}]}]}, (0, 0, 0, 0, 0)),
        ({"any": [{"fact": "email", "is": "present"}] * 101}, ()),
    ],
)
def test_what_is_no_rule_is_refused_with_its_place(rules: Any, path: tuple[int, ...]) -> None:
    with pytest.raises(BadRules) as refused:
        people(rules)

    assert refused.value.path == path
    assert str(refused.value)


def test_every_fact_can_be_asked() -> None:
    """Nothing that staff can choose makes the database stumble."""
    news, vip = MailingList.objects.create(name="News", label="news"), Tag.objects.create(name="vip")
    for name, kind in KINDS.items():
        Attribute.objects.create(name=name, kind=kind, choices=["S"] if kind == "choice" else [])
    samples: dict[str, Any] = {
        "nothing": None,
        "text": "a",
        "number": 1,
        "numbers": [1, 2],
        "date": "2026-05-03",
        "dates": ["2026-05-03", "2026-05-04"],
        "days": 3,
    }
    asked = 0
    for fact in facts().values():
        for name, operator in fact.operators.items():
            value = samples.get(operator.takes.kind)
            if operator.takes.kind == "some":
                value = [choice for choice, _label in operator.takes.choices()][:1]
                if not value:
                    continue
            assert people({"fact": fact.name, "is": name, "value": value}).count() == 0
            asked += 1
    assert asked > 60
    assert news
    assert vip


def test_words_of_another_script_stay_in_place_in_a_sentence_read_from_the_right() -> None:
    rule = {"fact": "first_name", "is": "is", "value": "Acme"}

    with translation.override("ar"):
        arabic = in_words(rule)

    assert "\u2068Acme\u2069" in arabic
    assert in_words(rule) == "first name is “Acme”"
