"""A source cut once into what is the same for everybody and what is not.

Constants are ready for the wire as bytes, or texts where their surroundings have a say; the rest is asked of each
person: slots, which are functions of a person, and choices.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeAlias

from django.template.base import FilterExpression, Node, NodeList, TextNode, VariableNode
from django.template.defaulttags import IfNode

from .placeholders import parse
from .quoted import one_kind_of_newline
from .texts import Text

NOTHING = Text()
# Few names hold one, and looking is cheaper than replacing.
SPECIAL = re.compile(r"[&<>\"']")


class Person(dict[str, Text]):
    """One person's values; whatever else is asked for is empty."""

    def __missing__(self, name: str) -> Text:
        return NOTHING


Piece: TypeAlias = bytes | str
Slot: TypeAlias = Callable[[Person], str]


@dataclass(frozen=True)
class Choice:
    """The first branch whose condition holds; the condition of an “else” is None."""

    branches: list[tuple[Any, list[Segment]]]

    def made_for(self, person: Person) -> list[Segment]:
        for condition, segments in self.branches:
            if condition is None or condition.eval(person):
                return segments
        return []


Segment: TypeAlias = Piece | Slot | Choice


@dataclass(frozen=True)
class Cutter:
    """How to cut: what becomes of constants, and whether values are put into HTML."""

    constant: Callable[[str], list[Piece]]
    is_html: bool

    def cut(self, source: str) -> list[Segment]:
        """Raises CompositionError."""
        return self.segments_of(parse(source).nodelist)

    def segments_of(self, nodes: NodeList) -> list[Segment]:
        return [segment for node in nodes for segment in self.segments(node)]

    def segments(self, node: Node) -> list[Segment]:
        if isinstance(node, TextNode):
            return [piece for piece in self.constant(one_kind_of_newline(node.s)) if piece]
        if isinstance(node, VariableNode):
            slot = slot_of(node.filter_expression)
            return [(lambda person: escaped(slot(person))) if self.is_html else slot]
        if isinstance(node, IfNode):
            return [Choice([(condition, self.segments_of(nodes)) for condition, nodes in node.conditions_nodelists])]
        raise TypeError(f"There is no tag that makes a {type(node).__name__}.")


def escaped(text: str) -> str:
    return html.escape(text) if SPECIAL.search(text) else text


def slot_of(expression: FilterExpression) -> Slot:
    if expression.filters:
        # A context is asked for names and nothing else.
        return lambda person: str(expression.resolve(person))  # type: ignore[arg-type]
    return itemgetter(expression.token)


def pieces_for(person: Person, segments: list[Segment]) -> list[Piece]:
    pieces: list[Piece] = []
    for segment in segments:
        if isinstance(segment, (bytes, str)):
            pieces.append(segment)
        elif isinstance(segment, Choice):
            pieces += pieces_for(person, segment.made_for(person))
        else:
            pieces.append(segment(person))
    return pieces
