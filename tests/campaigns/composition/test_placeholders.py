"""What authors may write between braces."""

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from campaigns.composition.frame import FRAME_FIELDS
from campaigns.composition.merge import filled
from campaigns.composition.placeholders import FIELDS as PLACEHOLDERS
from campaigns.composition.placeholders import CompositionError, check, known_attributes, parse
from campaigns.composition.vocabulary import register
from subscribers.models import Attribute

FIELDS = ["first_name", "company", "points"]
# Pieces that are right, wrong and half, in any order.
PIECES = st.sampled_from(
    r"""
{{ first_name }}
{{ first_name
}}
{%
%}
{{}}
{% %}
{% if company %}
{% if %}
{% if not company and points in company %}
{% if points >= "3" or points == 3 %}
{% else %}
{% elif points > 3 %}
{% endif %}
{% verbatim %}
{# x #}
{{ company|default:first_name }}
{{ x|default:"<b>" }}
{{ company|truncatechars:5 }}
{{ company|truncatechars:points }}
{{ company|upper:3 }}
{{ company|default }}
{{ 7|upper }}
{{ a.b }}
{{ None }}
{{ _("x") }}
{
}
%
"
words
ä
 """.splitlines()
)


def merged(source: str, **values: str) -> str:
    return filled(source, values, escape=False)


@pytest.mark.parametrize(
    ("source", "values", "expected"),
    [
        ("Dear {{ first_name }},", {"first_name": "Ann"}, "Dear Ann,"),
        ('Dear {{ first_name|default:"friend" }},', {}, "Dear friend,"),
        ('Dear {{ first_name|default:"friend" }},', {"first_name": "  "}, "Dear friend,"),
        ("{{ first_name|default:company }}", {"company": "Acme"}, "Acme"),
        ("{{ first_name|default:company }}", {}, ""),
        ("{{ first_name|upper }} {{ first_name|lower }}", {"first_name": "aNn"}, "ANN ann"),
        ("{{ first_name|capfirst }} {{ company|title }}", {"first_name": "ann", "company": "a b"}, "Ann A B"),
        ("{{ company|truncatechars:5 }}", {"company": "Example"}, "Exam…"),
        ("{{ company|truncatechars:1 }}", {"company": "Example"}, "…"),
        ("?c={{ company|urlencode }}", {"company": "a&b/ü"}, "?c=a%26b%2F%C3%BC"),
        ("{% if company %}at {{ company }}{% else %}free{% endif %}", {"company": ""}, "free"),
        ("{% if points > 100 %}gold{% elif points > 10 %}silver{% else %}none{% endif %}", {"points": "99"}, "silver"),
        ("{% if points > 100 %}gold{% endif %}", {"points": "1000"}, "gold"),
        ("{% if points == 7 %}seven{% endif %}", {"points": "7"}, "seven"),
        ("{% if points < 5 %}few{% endif %}", {}, ""),
        ('{% if company == "Acme" and not first_name %}firm{% endif %}', {"company": "Acme"}, "firm"),
        ('{% if "cm" in company %}yes{% endif %}', {"company": "Acme"}, "yes"),
    ],
)
def test_a_placeholder_becomes_what_it_says(source: str, values: dict[str, str], expected: str) -> None:
    assert check(source, FIELDS) == []
    assert merged(source, **values) == expected


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("a\n{{ frist_name }}", 2, "There is no field “frist_name”. Did you mean “first_name”?"),
        ("{{ frist_name|upper }}", 1, "There is no field “frist_name”. Did you mean “first_name”?"),
        ("{{ first_name|default:nick }}", 1, "There is no field “nick”."),
        ("{{ first_name|uper }}", 1, "There is no filter “uper”. Did you mean “upper”?"),
        ("{{ first_name|safe }}", 1, "There is no filter “safe”."),
        ("{{ 7|add:7 }}", 1, "There is no filter “add”."),
        ("{{ first_name|rjust:900000000 }}", 1, "There is no filter “rjust”."),
        ("\n\n{% load i18n %}", 3, "The tag “load” cannot be used here, only if, elif, else and endif."),
        ("{% include 'x' %}", 1, "The tag “include” cannot be used here, only if, elif, else and endif."),
        ("{% for x in y %}", 1, "The tag “for” cannot be used here, only if, elif, else and endif."),
        ("{{ first_name.user }}", 1, "“first_name.user” is no field: the name of a field has no dot."),
        ("{{ first_name.__class__ }}", 1, "is not written correctly"),
        ("{{ first_name._meta }}", 1, "is not written correctly"),
        ("{{ first_name.upper }}", 1, "“first_name.upper” is no field: the name of a field has no dot."),
        ('{{ _("first_name") }}', 1, "is no field"),
        ('{{ "Ann" }}', 1, '“"Ann"” is no field. Put texts and numbers in quotes.'),
        ("{{ 7 }}", 1, "“7” is no field. Put texts and numbers in quotes."),
        ("{{ first_name|default:7 }}", 1, "“7” is no field. Put texts and numbers in quotes."),
        ("{{ first_name|default }}", 1, "is not written correctly"),
        ("{{ first_name|truncatechars:900000000 }}", 1, "“truncatechars” needs a number from 1 to 1000."),
        ("{{ first_name|truncatechars:0 }}", 1, "“truncatechars” needs a number from 1 to 1000."),
        ("{{ first_name|truncatechars:points }}", 1, "“truncatechars” needs a number from 1 to 1000."),
        ("{{ first_name|default:“friend” }}", 1, 'Write straight quotes (") in'),
        ("{{ }}", 1, "is not written correctly"),
        ("{{ first_name }", 1, "“{{” has no “}}” on the same line."),
        ("x\n{{ first_name\n}}", 2, "“{{” has no “}}” on the same line."),
        ("{% if first_name", 1, "“{%” has no “%}” on the same line."),
        ("a\n{% if first_name %}b", 2, "This “if” has no “endif”."),
        ("{% endif %}", 1, "“endif” stands outside of any “if”."),
        ("{% else %}", 1, "“else” stands outside of any “if”."),
        ("{% if company %}{% else %}{% else %}{% endif %}", 1, "“else” comes after “else”."),
        ("{% if company %}{% else %}{% elif points %}{% endif %}", 1, "“elif” comes after “else”."),
        ("{% if %}x{% endif %}", 1, "is not written correctly"),
        ("{% if company points %}x{% endif %}", 1, "is not written correctly"),
        ("{% if compny == 'x' %}x{% endif %}", 1, "There is no field “compny”. Did you mean “company”?"),
        ("{# a note #}", 1, "Comments in “{# #}” cannot be used here."),
        ("{{ first_name }} " * 2000, 1, "There are more than 1000 placeholders."),
        ("{% if company %}" * 25 + "{% endif %}" * 25, 1, "Conditions are nested more than 20 deep."),
        ("x" * 300_001, 1, "This is too long: 300000 characters are the most."),
    ],
)
def test_a_mistake_is_named_with_its_line(source: str, line: int, words: str) -> None:
    problems = check(source, FIELDS)

    assert len(problems) == 1
    assert problems[0].line == line
    assert words in problems[0].message


def test_every_mistake_is_named() -> None:
    problems = check("{{ a }}\n{% load x %}\n{% if company %}\n{{ first_name|b }}", FIELDS)

    assert [problem.line for problem in problems] == [1, 2, 3, 4]


def test_what_was_not_found_wanting_can_be_used_by_nobody_to_reach_more() -> None:
    with pytest.raises(CompositionError) as refused:
        parse("{{ first_name.__class__.__mro__ }}")

    assert "first_name.__class__" in str(refused.value)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_source_without_problems_always_merges(source: str) -> None:
    if check(source, FIELDS):
        with pytest.raises(CompositionError):
            parse(source + "{{ a.b }}")
    else:
        assert isinstance(merged(source, first_name="Ann", points="3"), str)


@given(st.text(alphabet="{}%#|:.\"' \nabif", max_size=60))
def test_no_source_breaks_the_check(source: str) -> None:
    problems = check(source, FIELDS)

    if not problems:
        assert isinstance(merged(source), str)


@given(st.text(max_size=50))
def test_a_value_is_never_read_as_a_placeholder_or_html(value: str) -> None:
    plain = filled("{{ first_name }}", {"first_name": value}, escape=False)
    escaped = filled('{{ first_name|default:"<i>" }}', {"first_name": value}, escape=True)

    assert plain == value
    assert "<" not in escaped


@pytest.mark.django_db
def test_registered_attributes_are_fields() -> None:
    Attribute.objects.create(name="company", label="Where they work")
    Attribute.objects.create(name="seats", kind="number")

    assert known_attributes() == {"company": "Where they work", "seats": "seats"}


def test_every_field_and_filter_is_explained_to_authors() -> None:
    page = (settings.BASE_DIR / "docs" / "writing.md").read_text()

    names = [f"{{{{ {name} }}}}" for name in (*PLACEHOLDERS, *FRAME_FIELDS)] + list(register.filters)
    assert [name for name in names if name not in page] == []
