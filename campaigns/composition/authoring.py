"""What to tell authors when they save."""

from __future__ import annotations

from django.utils.translation import gettext as _

from campaigns.models import Content

from . import markup
from .frame import FRAME_FIELD, FRAME_FIELDS, layout_markup_problems
from .hiding import plain_tags
from .inspection import Problem
from .placeholders import FIELDS, check, known_fields


def problems(content: Content) -> dict[str, list[Problem]]:
    """By field, only for fields that have some."""
    known = known_fields()
    found = {
        "subject": check(content.subject, known),
        "preheader": check(content.preheader, known),
        "body_html": sorted(
            [*check(plain_tags(content.body_html), known), *markup.problems_of(content.body_html, fragment=True)]
        ),
        "body_text": check(content.body_text, known),
    }
    return {field: items for field, items in found.items() if items}


def layout_problems(html: str) -> list[Problem]:
    found = [
        *check(plain_tags(html), [*FIELDS, *FRAME_FIELDS]),
        *layout_markup_problems(html),
    ]
    bodies = [match for match in FRAME_FIELD.finditer(html) if match[1] == "body"]
    if len(bodies) != 1:
        found.append(Problem(1, _("A layout holds “{{ body }}” exactly once.")))
    return sorted(found)
