"""What to tell authors when they save."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from campaigns.models import Content

from . import markup
from .frame import FRAME_FIELD, FRAME_FIELDS, layout_markup_problems
from .hiding import plain_tags
from .inspection import Problem, limits_exceeded
from .placeholders import FIELDS, check


def layout_problems(html: str) -> list[Problem]:
    return layout_problems_with(html, [*FIELDS, *FRAME_FIELDS])


def structural_problems(content: Content) -> list[Problem]:
    """What makes a mail impossible; an attribute that nobody has any more does not, it is empty."""
    fields = problems(content, None)
    layout = layout_problems_with(content.campaign.layout.html, None)
    return [problem for found in fields.values() for problem in found] + layout


def problems(content: Content, known: Collection[str] | None) -> dict[str, list[Problem]]:
    """By field, only for fields that have some. `known` are the fields that exist; None: any may."""
    found = {
        "subject": check(content.subject, known),
        "preheader": check(content.preheader, known),
        "body_html": body_problems(content.body_html, known),
        "body_text": check(content.body_text, known),
    }
    return {field: items for field, items in found.items() if items}


def body_problems(html: str, known: Collection[str] | None) -> list[Problem]:
    return limits_exceeded(html) or sorted([*check(plain_tags(html), known), *markup.problems_of(html, fragment=True)])


def layout_problems_with(html: str, known: Collection[str] | None) -> list[Problem]:
    exceeded = limits_exceeded(html)
    if exceeded:
        return exceeded
    found = [*check(plain_tags(html), known), *layout_markup_problems(html)]
    bodies = [match for match in FRAME_FIELD.finditer(html) if match[1] == "body"]
    if len(bodies) != 1:
        found.append(Problem(1, _("A layout holds “{{ body }}” exactly once.")))
    return sorted(found)
