"""Whatever is called rules: it finds who it should, or it is refused before the database is asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from subscribers.models import Attribute, MailingList, Subscriber, Subscription, Tag
from subscribers.segments.conditions import facts
from subscribers.segments.rules import BadRules, people, problems
from subscribers.segments.wording import in_words

pytestmark = pytest.mark.django_db

fuzzed = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
KINDS = {"company": "text", "age": "number", "birthday": "date", "vip": "boolean", "size": "choice"}
SIZES = ["S", "M", "100%"]
WORDS = ["", "Acme", "acme & Sons", "100%", "a_b", "a\\b", 'quo"te', "'; --", "Émile", "Porto"]
DAYS = ["1990-05-03", "2000-02-29", "2026-11-22"]


@pytest.fixture
def registry() -> None:
    for name, kind in KINDS.items():
        Attribute.objects.create(name=name, kind=kind, choices=SIZES if kind == "choice" else [])
    for name in ("News", "Offers"):
        MailingList.objects.create(name=name, label=name.lower())
        Tag.objects.create(name=name)


# Anything at all.

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = """
email domain language tag added joined on_list left_list clicked sent_campaign attribute:company attribute:age
attribute:birthday attribute:nobody attributes__company subscriptions__mailing_list password pk
"""
names = st.sampled_from(NAMES.split())
comparisons = st.sampled_from(
    ["is", "contains", "one_of", "none_of", "between", "last_days", "before", "blank", "regex"]
)
conditions = st.fixed_dictionaries(
    {"fact": names | anything, "is": comparisons | anything}, optional={"value": anything}
)
trees = st.recursive(
    conditions | anything,
    lambda inner: st.dictionaries(
        st.sampled_from(["all", "any", "none", "not", "fact"]), st.lists(inner, max_size=4), min_size=1, max_size=2
    ),
    max_leaves=12,
)


@pytest.mark.usefixtures("registry")
@fuzzed
@given(trees)
def test_what_is_no_rule_is_refused_in_words_and_nothing_else_happens(tree: Any) -> None:
    refused = None
    with CaptureQueriesContext(connection) as asked:
        try:
            people(tree).count()
        except BadRules as words:
            refused = words

    assert in_words(tree)
    assert all(problems(tree).values())
    if refused:
        assert str(refused)
        assert problems(tree)
        assert not any("COUNT" in one["sql"] for one in asked)


# Rules that make sense, beside a plain reading of them.

text_values = st.sampled_from([word for word in WORDS if word])
numbers = st.integers(-2, 4) | st.sampled_from([0.5, 1e9])


def condition(fact: str, comparison: st.SearchStrategy[str], value: st.SearchStrategy[Any]) -> Any:
    return st.fixed_dictionaries({"fact": st.just(fact), "is": comparison, "value": value})


def silent(fact: str, *names: str) -> Any:
    return st.fixed_dictionaries({"fact": st.just(fact), "is": st.sampled_from(names)})


COMPARED = st.sampled_from(["is", "is_not", "contains", "contains_not", "begins_with", "ends_with"])
sensible = st.one_of(
    condition("first_name", COMPARED, text_values),
    condition("attribute:company", COMPARED, text_values),
    silent("attribute:company", "blank", "present"),
    condition("attribute:age", st.sampled_from(["is", "is_not", "less", "most", "more", "least"]), numbers),
    condition("attribute:age", st.just("between"), st.tuples(numbers, numbers).map(sorted)),
    silent("attribute:age", "blank", "present"),
    condition("attribute:birthday", st.sampled_from(["is", "before", "since"]), st.sampled_from(DAYS)),
    silent("attribute:birthday", "blank", "present"),
    silent("attribute:vip", "yes", "no", "blank", "present"),
    condition(
        "attribute:size",
        st.sampled_from(["one_of", "none_of"]),
        st.lists(st.sampled_from(SIZES), min_size=1, max_size=3),
    ),
    condition(
        "language",
        st.sampled_from(["one_of", "none_of"]),
        st.lists(st.sampled_from(["de", "fr"]), min_size=1, max_size=2),
    ),
    condition("on_list", st.sampled_from(["one_of", "none_of"]), st.just(["News"])),
    condition("left_list", st.sampled_from(["one_of", "none_of"]), st.just(["News"])),
    condition("tag", st.sampled_from(["one_of", "none_of"]), st.just(["News"])),
    condition("added", st.sampled_from(["last_days", "before_days"]), st.sampled_from([1, 40])),
)
sensible_trees = st.recursive(
    sensible,
    lambda inner: st.sampled_from(["all", "any", "none"]).flatmap(
        lambda name: st.fixed_dictionaries({name: st.lists(inner, max_size=3)})
    ),
    max_leaves=6,
)
anybody = st.fixed_dictionaries(
    {
        "first_name": st.sampled_from(WORDS),
        "language": st.sampled_from(["", "de", "fr"]),
        "attributes": st.fixed_dictionaries(
            {},
            optional={
                "company": st.sampled_from([*WORDS, 5, True, None]),
                "age": st.sampled_from([0, 1, 0.5, -2, 1e9, "1", True, None]),
                "birthday": st.sampled_from([*DAYS, "", "soon", 7]),
                "vip": st.sampled_from([True, False, "true", 1]),
                "size": st.sampled_from([*SIZES, "", 1]),
            },
        ),
        "status": st.sampled_from(["", "active", "expired", "ended", "pending"]),
        "tagged": st.booleans(),
        "days": st.sampled_from([0, 30, 90]),
    }
)


def lower(text: str) -> str:
    """As the database of this run does it."""
    return text.lower() if connection.vendor == "postgresql" else "".join(c.lower() if c.isascii() else c for c in text)


TEXTS: dict[str, Callable[[str, str], bool]] = {
    "is": lambda it, text: it == text,
    "contains": lambda it, text: text in it,
    "begins_with": lambda it, text: it.startswith(text),
    "ends_with": lambda it, text: it.endswith(text),
}
NUMBERS: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda it, value: it == value,
    "less": lambda it, value: it < value,
    "most": lambda it, value: it <= value,
    "more": lambda it, value: it > value,
    "least": lambda it, value: it >= value,
    "between": lambda it, value: value[0] <= it <= value[1],
    "before": lambda it, value: it < value,
    "since": lambda it, value: it >= value,
}
OPPOSITES = {
    "is_not": "is",
    "contains_not": "contains",
    "none_of": "one_of",
    "blank": "present",
    "before_days": "last_days",
}


def naive(rule: dict[str, Any], person: dict[str, Any]) -> bool:
    if "fact" not in rule:
        ((name, parts),) = rule.items()
        holding = [naive(part, person) for part in parts]
        return {"all": all(holding), "any": any(holding), "none": not any(holding)}[name]
    if rule["is"] in OPPOSITES:
        return not naive({**rule, "is": OPPOSITES[rule["is"]]}, person)
    return compared(rule["fact"], rule["is"], rule.get("value"), person)


def compared(fact: str, comparison: str, value: Any, person: dict[str, Any]) -> bool:
    _attribute, _colon, name = fact.partition(":")
    it = person["attributes"].get(name) if name else person.get(fact)
    kind = KINDS.get(name, "text")
    match fact:
        case "on_list":
            return person["status"] == "active"
        case "left_list":
            return person["status"] == "ended"
        case "tag":
            return bool(person["tagged"])
        case "added":
            return bool(person["days"] < value)
    is_there = {
        "text": isinstance(it, str) and it != "",
        "choice": isinstance(it, str) and it != "",
        "number": isinstance(it, int | float) and not isinstance(it, bool),
        "date": isinstance(it, str) and it in DAYS,
        "boolean": isinstance(it, bool),
    }[kind]
    if comparison == "present" or not is_there:
        return is_there
    if kind == "boolean":
        return it is (comparison == "yes")
    if comparison == "one_of":
        return it in value
    return TEXTS[comparison](lower(it), lower(value)) if kind == "text" else NUMBERS[comparison](it, value)


def with_numbers(rule: Any) -> Any:
    """Lists and tags are known by number."""
    if "fact" not in rule:
        return {name: [with_numbers(part) for part in parts] for name, parts in rule.items()}
    model = {"on_list": MailingList, "left_list": MailingList, "tag": Tag}.get(rule["fact"])
    return {**rule, "value": [model.objects.get(name=rule["value"][0]).pk]} if model else rule


@pytest.mark.usefixtures("registry")
@fuzzed
@given(sensible_trees, st.lists(anybody, min_size=1, max_size=6))
def test_rules_find_whom_a_plain_reading_of_them_finds(tree: Any, crowd: list[dict[str, Any]]) -> None:
    Subscriber.objects.all().delete()
    expected = set()
    for at, facts_of in enumerate(crowd):
        made = create(at, facts_of)
        if naive(tree, facts_of):
            expected.add(made.pk)

    assert set(people(json.loads(json.dumps(with_numbers(tree)))).values_list("pk", flat=True)) == expected


def create(at: int, person: dict[str, Any]) -> Subscriber:
    columns = {name: person[name] for name in ("first_name", "language", "attributes")}
    made = Subscriber.objects.create(email=f"reader{at}@example.org", **columns)
    now = timezone.now()
    Subscriber.objects.filter(pk=made.pk).update(created_at=now - timedelta(days=person["days"]))
    if status := person["status"]:
        Subscription.objects.create(
            subscriber=made,
            mailing_list=MailingList.objects.get(name="News"),
            status="active" if status == "expired" else status,
            expires_at=now - timedelta(days=1) if status == "expired" else None,
        )
    if person["tagged"]:
        made.tags.add(Tag.objects.get(name="News"))
    return made


def test_a_tree_as_large_as_may_be_is_asked_in_one_statement(registry: None) -> None:
    one = {"fact": "attribute:company", "is": "contains", "value": "a"}
    tree: Any = {"any": [one] * 60}
    for _depth in range(4):
        tree = {"any": [tree, one]}
    found = people(tree)

    with CaptureQueriesContext(connection) as asked:
        assert found.count() == 0

    assert len(asked) == 1
    assert len(facts()) > 15
    for most in ({"any": [one] * 101}, {"any": [{"all": []}] * 51}):
        with pytest.raises(BadRules):
            people(most)
