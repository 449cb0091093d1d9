"""Reads placeholders as an author wrote them and says, line by line, what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from django.template import Library, TemplateSyntaxError
from django.template.base import FilterExpression, Lexer, Parser, Token, TokenType, Variable
from django.template.defaulttags import TemplateIfParser
from django.utils.translation import gettext as _

from .vocabulary import LONGEST_EXCERPT

LONGEST_SOURCE = 300_000
MOST_TAGS = 1000
DEEPEST = 20
OPERATORS = frozenset({"and", "or", "not", "in", "is", "==", "!=", "<", ">", "<=", ">="})
TAGS = ("if", "elif", "else", "endif")
CURLY_QUOTES = re.compile("[“”„«»‘’]")


@dataclass(frozen=True, order=True)
class Problem:
    line: int
    message: str

    def __str__(self) -> str:
        return _("Line %(line)d: %(message)s") % {"line": self.line, "message": self.message}


def limits_exceeded(source: str) -> list[Problem]:
    """Asked before anything reads the source, because reading takes longer with every brace that is never closed."""
    if len(source) > LONGEST_SOURCE:
        return [Problem(1, _("This is too long: %(limit)d characters are the most.") % {"limit": LONGEST_SOURCE})]
    if sum(source.count(opening) for opening in ("{{", "{%", "{#")) > MOST_TAGS:
        return [Problem(1, _("There are more than %(limit)d placeholders.") % {"limit": MOST_TAGS})]
    return []


class UnknownFilter(TemplateSyntaxError):
    pass


class ExpressionParser(Parser):
    def find_filter(self, filter_name: str) -> Any:
        if filter_name not in self.filters:
            raise UnknownFilter(filter_name)
        return self.filters[filter_name]


@dataclass
class Condition:
    line: int
    has_else: bool = False


@dataclass
class Inspection:
    libraries: list[Library]
    known: Collection[str] | None
    problems: list[Problem] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)

    def problems_of(self, source: str) -> list[Problem]:
        self.parser = ExpressionParser([], builtins=self.libraries)
        for token in Lexer(source).tokenize():
            self.inspect(token)
        for condition in self.conditions:
            self.report(condition.line, _("This “if” has no “endif”."))
        return sorted(set(self.problems))

    def report(self, line: int, message: str) -> None:
        self.problems.append(Problem(line, message))

    def inspect(self, token: Token) -> None:
        line = token.lineno or 1
        if token.token_type == TokenType.TEXT:
            self.text(line, token.contents)
        elif token.token_type == TokenType.COMMENT:
            self.report(line, _("Comments in “{# #}” cannot be used here."))
        elif token.token_type == TokenType.VAR:
            self.expression(line, token.contents)
        else:
            self.tag(line, token)

    def text(self, line: int, text: str) -> None:
        for opening, closing in (("{{", "}}"), ("{%", "%}")):
            position = text.find(opening)
            if position >= 0:
                self.report(
                    line + text[:position].count("\n"),
                    _("“%(opening)s” has no “%(closing)s” on the same line.")
                    % {"opening": opening, "closing": closing},
                )

    def tag(self, line: int, token: Token) -> None:
        name, *rest = token.contents.split(None, 1) or [""]
        if name == "if":
            self.condition(line, token)
            self.conditions.append(Condition(line))
            if len(self.conditions) == DEEPEST + 1:
                self.report(line, _("Conditions are nested more than %(limit)d deep.") % {"limit": DEEPEST})
        elif name not in TAGS:
            self.report(line, self.unknown_tag(name))
        elif not self.conditions:
            self.report(line, _("“%(tag)s” stands outside of any “if”.") % {"tag": name})
        else:
            self.branch(line, name, token, rest)

    def branch(self, line: int, name: str, token: Token, rest: list[str]) -> None:
        if name == "elif":
            self.condition(line, token)
        elif rest:
            self.report(line, _("Nothing may follow “%(tag)s” in its tag.") % {"tag": name})
        if name == "endif":
            self.conditions.pop()
        elif self.conditions[-1].has_else:
            self.report(line, _("“%(tag)s” comes after “else”.") % {"tag": name})
        else:
            self.conditions[-1].has_else = name == "else"

    def condition(self, line: int, token: Token) -> None:
        words = token.split_contents()[1:]
        try:
            TemplateIfParser(self.parser, words).parse()
        except UnknownFilter as error:
            self.report(line, self.unknown_filter(str(error)))
            return
        except (TemplateSyntaxError, ValueError):
            self.report(line, self.badly_written("{% " + token.contents + " %}", "{% if first_name %}"))
            return
        for word in words:
            if word not in OPERATORS:
                self.expression(line, word, may_be_literal=True)

    def expression(self, line: int, text: str, *, may_be_literal: bool = False) -> None:
        example = '{{ first_name|default:"friend" }}'
        if CURLY_QUOTES.search(text) and '"' not in text:
            self.report(line, _('Write straight quotes (") in “%(text)s”.') % {"text": text})
            return
        try:
            expression = FilterExpression(text or "|", self.parser)
        except UnknownFilter as error:
            self.report(line, self.unknown_filter(str(error)))
            return
        except (TemplateSyntaxError, ValueError):
            self.report(line, self.badly_written("{{ " + text + " }}", example))
            return
        self.operand(line, text, expression.var, literals=(str, int, float) if may_be_literal else ())
        for function, arguments in expression.filters:
            self.arguments(line, function._filter_name, [value for _is_field, value in arguments])

    def operand(self, line: int, text: str, operand: Any, *, literals: tuple[type, ...] = (str,)) -> None:
        literal = operand.literal if isinstance(operand, Variable) else operand
        if literal is not None or operand is None:
            if not isinstance(literal, literals):
                self.report(line, _("“%(text)s” is no field. Put texts and numbers in quotes.") % {"text": text})
        elif operand.translate or len(operand.lookups) > 1:
            self.report(line, _("“%(text)s” is no field: the name of a field has no dot.") % {"text": text})
        elif self.known is not None and operand.lookups[0] not in self.known:
            name = operand.lookups[0]
            self.report(line, _("There is no field “%(name)s”.") % {"name": name} + suggestion(name, self.known))

    def arguments(self, line: int, name: str, arguments: list[Any]) -> None:
        for argument in arguments:
            if name != "truncatechars":
                self.operand(line, str(getattr(argument, "var", argument)), argument)
                continue
            length = argument.literal if isinstance(argument, Variable) else None
            if not isinstance(length, int) or not 1 <= length <= LONGEST_EXCERPT:
                self.report(
                    line,
                    _("“%(filter)s” needs a number from 1 to %(limit)d.") % {"filter": name, "limit": LONGEST_EXCERPT},
                )

    def unknown_filter(self, name: str) -> str:
        message = _("There is no filter “%(name)s”.") % {"name": name}
        return message + suggestion(name, self.parser.filters)

    def unknown_tag(self, name: str) -> str:
        message = _("The tag “%(name)s” cannot be used here, only if, elif, else and endif.") % {"name": name}
        return message + suggestion(name, TAGS)

    def badly_written(self, text: str, example: str) -> str:
        return _("“%(text)s” is not written correctly. Write it like “%(example)s”.") % {
            "text": text,
            "example": example,
        }


def suggestion(name: str, choices: Collection[str]) -> str:
    close = get_close_matches(name.lower(), list(choices), n=1)
    return " " + _("Did you mean “%(name)s”?") % {"name": close[0]} if close else ""
