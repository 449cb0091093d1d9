"""What authors write between braces: which fields there are, what is wrong, and a parser that knows no more."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from django.template import Engine, Template, TemplateSyntaxError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from subscribers.models import Attribute

from .inspection import Inspection, Problem, limits_exceeded

NOT_IN_NAMES = re.compile(r"\W+")


@dataclass(frozen=True)
class Field:
    meaning: str | Promise
    sample: str


FIELDS: dict[str, Field] = {
    "first_name": Field(gettext_lazy("first name"), "Ann"),
    "last_name": Field(gettext_lazy("last name"), "Example"),
    "name": Field(gettext_lazy("first and last name"), "Ann Example"),
    "email": Field(gettext_lazy("address"), "ann@example.org"),
    "language": Field(gettext_lazy("language of this mail"), "en"),
    "unsubscribe_url": Field(gettext_lazy("address of the unsubscribe page"), ""),
    "preferences_url": Field(gettext_lazy("address of the preferences page"), ""),
    "web_version_url": Field(gettext_lazy("address of this mail on the web"), ""),
}


class CompositionError(ValueError):
    """A mail cannot be made from what was written; says every reason."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class PlaceholderEngine(Engine):
    """Django's template language reduced to our vocabulary: it loads nothing and reaches nothing but texts."""

    default_builtins = ["campaigns.composition.vocabulary"]

    def __init__(self) -> None:
        super().__init__(loaders=[], string_if_invalid="")


def check(source: str, known: Collection[str] | None = tuple(FIELDS)) -> list[Problem]:
    """Every problem by line, in words for authors. `known` are the fields that exist; None: any may."""
    return limits_exceeded(source) or Inspection(engine().template_builtins, known).problems_of(source)


@lru_cache(maxsize=128)
def parse(source: str) -> Template:
    """A template that can do nothing but put texts together. Raises CompositionError; fields need not be known."""
    problems = check(source, known=None)
    if problems:
        raise CompositionError(problems)
    try:
        return engine().from_string(source)
    except TemplateSyntaxError as error:
        raise CompositionError([Problem(1, str(error))]) from error


@lru_cache(maxsize=1)
def engine() -> PlaceholderEngine:
    return PlaceholderEngine()


def known_fields() -> set[str]:
    """The fields every subscriber has, and the attributes that somebody may have."""
    return set(FIELDS) | known_attributes().keys()


def known_attributes() -> dict[str, str]:
    """How authors write them, and what staff call them."""
    return {field_name(attribute.name): str(attribute) for attribute in Attribute.objects.all()}


@lru_cache(maxsize=1024)
def field_name(attribute: str) -> str:
    """How authors write an attribute: ``Company name`` is ``{{ Company_name }}``."""
    return NOT_IN_NAMES.sub("_", attribute).strip("_")
