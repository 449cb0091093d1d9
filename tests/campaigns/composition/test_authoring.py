"""What authors are told when they save."""

import pytest

from campaigns.composition import authoring
from campaigns.composition.placeholders import known_fields
from campaigns.composition.shipped import NAMES, install, shipped_html
from campaigns.models import Layout
from subscribers.models import Attribute
from tests.campaigns.composition.conftest import Write


def test_problems_are_told_by_field_and_line(write: Write) -> None:
    content = write(
        subject="{{ frist_name }}",
        body_html='<p>{{ first_name }}</p>\n<p>{{ compny }}</p>\n<a href="/x">x</a>',
        body_text="{% load x %}",
    )
    Attribute.objects.create(name="company")

    problems = authoring.problems(content, known_fields())

    assert {field: [str(problem) for problem in found] for field, found in problems.items()} == {
        "subject": ["Line 1: There is no field “frist_name”. Did you mean “first_name”?"],
        "body_html": [
            "Line 2: There is no field “compny”. Did you mean “company”?",
            "Line 3: “/x” does not work in a mail. Begin it with https://, http://, mailto: or tel:.",
        ],
        "body_text": ["Line 1: The tag “load” cannot be used here, only if, elif, else and endif."],
    }


def test_good_content_has_no_problems(write: Write) -> None:
    Attribute.objects.create(name="company")

    content = write(body_html="<p>{% if company %}{{ company }}{% endif %}</p>")

    assert authoring.problems(content, known_fields()) == {}


@pytest.mark.parametrize("label", NAMES)
def test_a_shipped_layout_has_no_problems(label: str) -> None:
    assert authoring.layout_problems(shipped_html(label)) == []


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<html><body></body></html>", "A layout holds “{{ body }}” exactly once."),
        ("<html><body>{{ body }}{{ body }}</body></html>", "A layout holds “{{ body }}” exactly once."),
        ("<html><body>{{ body }}{{ company }}</body></html>", "There is no field “company”."),
        ("<html><body>{{ body }}<script></script></body></html>", "<script> does not work in mails."),
        ("<html><head><style>{{ first_name }}</style></head><body>{{ body }}</body></html>", "Placeholders cannot"),
        ("{{" * 1001, "There are more than 1000 placeholders."),
    ],
)
def test_a_wrong_layout_is_told_why(html: str, words: str) -> None:
    problems = authoring.layout_problems(html)

    assert len(problems) == 1
    assert words in problems[0].message


@pytest.mark.django_db
def test_installing_layouts_leaves_edited_ones_alone() -> None:
    Layout.objects.update_or_create(label="letter", defaults={"name": "Ours", "html": "<p>{{ body }}</p>"})
    Layout.objects.filter(label="bulletin").delete()

    install(Layout.objects)

    assert Layout.objects.get(label="letter").name == "Ours"
    assert Layout.objects.get(label="bulletin").html == shipped_html("bulletin")
