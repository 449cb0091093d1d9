"""All that authors may write in a placeholder: one tag and a few filters.

Each filter takes a text and gives a text, in time and size proportional to it. None needs the database or
translations, so that merging needs neither.
"""

from __future__ import annotations

from urllib.parse import quote

from django.template import Library
from django.template.defaultfilters import title
from django.template.defaulttags import do_if

register = Library()
register.tag("if", do_if)
register.filter("title", title)

LONGEST_EXCERPT = 1000


@register.filter
def default(value: str, instead: str) -> str:
    # The engine trusts texts that stand in a template as HTML; adding makes it an ordinary text that is escaped.
    return value if value.strip() else "" + instead


@register.filter
def upper(value: str) -> str:
    return value.upper()


@register.filter
def lower(value: str) -> str:
    return value.lower()


@register.filter
def capfirst(value: str) -> str:
    return value[:1].upper() + value[1:]


@register.filter
def truncatechars(value: str, length: int) -> str:
    return value if len(value) <= length else value[: length - 1].rstrip() + "…"


@register.filter
def urlencode(value: str) -> str:
    return quote(value, safe="")
