"""Compiles a tree of rules into one condition.

A rule is ``{"all": [rule, …]}``, ``{"any": …}``, ``{"none": …}`` or a condition such as
``{"fact": "language", "is": "one_of", "value": ["de", "fr"]}``. Whatever is not in the registry is refused before
the database is asked anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import reduce
from itertools import chain
from operator import and_, or_
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from subscribers.models import Subscriber

from .conditions import Fact, facts
from .values import BadValue

DEEPEST: Final = 5
MOST_CONDITIONS: Final = 100
MOST_GROUPS: Final = 50
# Everybody and nobody, in a form that can be combined.
EVERYBODY: Final = ~Q(pk__in=[])

GROUPS: Final[dict[str, Callable[[list[Q]], Q]]] = {
    "all": lambda parts: reduce(and_, parts, EVERYBODY),
    "any": lambda parts: reduce(or_, parts, ~EVERYBODY),
    "none": lambda parts: reduce(and_, (~part for part in parts), EVERYBODY),
}


class BadRules(ValueError):
    """``str()`` says why in words, `path` where: the place in each group, from the outermost."""

    def __init__(self, words: str, path: tuple[int, ...] = ()) -> None:
        super().__init__(words)
        self.path = path


def people(rules: Any) -> QuerySet[Subscriber]:
    """Raises BadRules."""
    return Subscriber.objects.filter(condition(rules))


def condition(rules: Any) -> Q:
    """Raises BadRules."""
    kinds = Counter(_kinds(rules))
    if kinds["condition"] > MOST_CONDITIONS:
        raise BadRules(_("There are more than %(most)s conditions.") % {"most": MOST_CONDITIONS})
    if kinds["group"] > MOST_GROUPS:
        raise BadRules(_("There are more than %(most)s groups.") % {"most": MOST_GROUPS})
    return _compiled(rules, facts(), ())


def problems(rules: Any) -> dict[tuple[int, ...], str]:
    """All there are, by place; groups with nothing in them too, which find everybody or nobody."""
    found: dict[tuple[int, ...], str] = {}
    known = facts()

    def look(rule: Any, path: tuple[int, ...]) -> None:
        parts = next(iter(rule.values()), None) if is_group(rule) else None
        if parts == []:
            found[path] = _("Add a condition, or remove the group.") if path else _("Add at least one condition.")
        elif isinstance(parts, list) and len(path) < DEEPEST:
            for at, part in enumerate(parts):
                look(part, (*path, at))
        else:
            try:
                _compiled(rule, known, path)
            except BadRules as problem:
                found[path] = str(problem)

    look(rules, ())
    if not found:
        try:
            condition(rules)
        except BadRules as problem:
            found[problem.path] = str(problem)
    return found


def _compiled(rule: Any, known: dict[str, Fact], path: tuple[int, ...]) -> Q:
    if not isinstance(rule, dict):
        raise BadRules(_("This is no rule."), path)
    if set(rule) <= {"fact", "is", "value"}:
        return _asked(rule, known, path)
    name, parts = next(iter(rule.items()))
    if len(rule) != 1 or name not in GROUPS or not isinstance(parts, list):
        raise BadRules(_("This is no rule."), path)
    if len(path) >= DEEPEST:
        raise BadRules(_("Groups can stand in each other at most %(most)s deep.") % {"most": DEEPEST}, path)
    return GROUPS[name]([_compiled(part, known, (*path, at)) for at, part in enumerate(parts)])


def _asked(rule: dict[str, Any], known: dict[str, Fact], path: tuple[int, ...]) -> Q:
    name, comparison = rule.get("fact"), rule.get("is")
    fact = known.get(name) if isinstance(name, str) else None
    if fact is None:
        raise BadRules(_("Nothing is known by this name any more. Choose something else."), path)
    operator = fact.operators.get(comparison) if isinstance(comparison, str) else None
    if operator is None:
        raise BadRules(_("“%(fact)s” cannot be compared like this.") % {"fact": fact.label}, path)
    try:
        return operator.meaning(operator.takes.read(rule.get("value")))
    except BadValue as error:
        raise BadRules(str(error), path) from error


def _kinds(rule: Any, depth: int = 0) -> Iterator[str]:
    """Of everything in the tree; deep enough to count it, as what is deeper is refused anyway."""
    lists = [parts for parts in rule.values() if isinstance(parts, list)] if is_group(rule) else []
    if depth <= DEEPEST:
        yield "group" if lists else "condition"
        for part in chain.from_iterable(lists):
            yield from _kinds(part, depth + 1)


def is_group(rule: Any) -> bool:
    return isinstance(rule, dict) and "fact" not in rule
