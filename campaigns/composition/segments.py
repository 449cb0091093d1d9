"""A source cut once into words that are the same for everybody and what is asked of each person."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeAlias

from django.template.base import FilterExpression, Node, NodeList, TextNode, Variable, VariableNode, tag_re
from django.template.defaulttags import IfNode
from django.utils.safestring import SafeString

from .placeholders import parse
from .quoted import one_kind_of_newline
from .texts import Text
from .tracking import CLICKS_URL, MARK

NOTHING = Text()
NAME = re.compile(r"\w+")


class Person(dict[str, Text]):
    """One person's values; whatever else is asked for is empty."""

    def __missing__(self, name: str) -> Text:
        return NOTHING


@dataclass(frozen=True)
class Slot:
    """A value. `field` is its name if it is put in as it is, without any filter."""

    field: str
    value: Callable[[Any], str]


@dataclass(frozen=True)
class Choice:
    """The first branch whose condition holds; the condition of an “else” is None."""

    branches: list[tuple[Any, list[Segment]]]

    def made_for(self, person: Person) -> list[Segment]:
        for condition, segments in self.branches:
            if condition is None or condition.eval(person):
                return segments
        return []


Segment: TypeAlias = str | Slot | Choice


def cut(source: str) -> list[Segment]:
    """Raises CompositionError."""
    return segments_of(parse(source).nodelist)


def names_in(source: str) -> set[str]:
    """Of all fields, and of a few other things."""
    return {name for tag in tag_re.findall(source) for name in NAME.findall(tag)}


def fields_in(segments: list[Segment]) -> Iterator[str]:
    """Of values that are put in as they are."""
    for segment in segments:
        if isinstance(segment, Slot) and segment.field:
            yield segment.field
        elif isinstance(segment, Choice):
            for _condition, branch in segment.branches:
                yield from fields_in(branch)


def texts_for(person: Mapping[str, str], segments: list[Segment], *, is_html: bool = False) -> Iterator[str]:
    """Where there are filters or choices, the person must be a Person."""
    for segment in segments:
        if isinstance(segment, str):
            yield segment
        elif isinstance(segment, Slot):
            yield escaped(segment.value(person)) if is_html else segment.value(person)
        else:
            yield from texts_for(person, segment.made_for(person), is_html=is_html)  # type: ignore[arg-type]


def escaped(text: str) -> str:
    """As the template engine does it: what an author put into quotes is HTML already."""
    return text if isinstance(text, SafeString) else html.escape(text)


def segments_of(nodes: NodeList) -> list[Segment]:
    return [segment for node in nodes for segment in segments_in(node)]


def segments_in(node: Node) -> Iterator[Segment]:
    if isinstance(node, TextNode):
        words, *others = one_kind_of_newline(node.s).split(MARK)
        yield words
        for after in others:
            yield Slot(CLICKS_URL, itemgetter(CLICKS_URL))
            yield after
    elif isinstance(node, VariableNode):
        yield slot_of(node.filter_expression)
    elif isinstance(node, IfNode):
        yield Choice([(condition, segments_of(nodes)) for condition, nodes in node.conditions_nodelists])
    else:
        raise TypeError(f"There is no tag that makes a {type(node).__name__}.")


def slot_of(expression: FilterExpression) -> Slot:
    if not expression.filters and isinstance(expression.var, Variable):
        return Slot(expression.token, itemgetter(expression.token))
    return Slot("", lambda person: str(expression.resolve(person)))
