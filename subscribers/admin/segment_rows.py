"""Rules as the page shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from subscribers.segments.conditions import Fact, Operator
from subscribers.segments.rules import DEEPEST, is_group

from .segment_tree import Path, name_of

KINDS: dict[str, str | Promise] = {
    "all": _("all of these apply"),
    "any": _("at least one of these applies"),
    "none": _("none of these applies"),
}


class Option(NamedTuple):
    value: str
    label: str | Promise
    is_chosen: bool


@dataclass(frozen=True)
class Row:
    """A condition."""

    name: str
    # "2.1": the first part of the second.
    place: str
    facts: list[tuple[str, list[Option]]]
    operators: list[Option]
    kind: str
    values: list[str]
    choices: list[Option]
    error: str
    is_group: bool = False


@dataclass(frozen=True)
class Branch:
    """A group."""

    name: str
    place: str
    kinds: list[Option]
    parts: list[Row | Branch]
    may_hold_groups: bool
    error: str
    is_group: bool = True

    @property
    def is_root(self) -> bool:
        return not self.place


class Shown:
    """Looks choices up once, however many conditions offer them."""

    def __init__(self, known: dict[str, Fact], errors: Mapping[Path, str] | None = None) -> None:
        self.known, self.errors = known, errors or {}
        self._choices: dict[str, list[tuple[Any, str]]] = {}

    def tree(self, rule: Any, path: Path = ()) -> Row | Branch:
        place = ".".join(str(at + 1) for at in path)
        error = self.errors.get(path, "")
        if not is_group(rule):
            return self._row(rule if isinstance(rule, dict) else {}, path, place, error)
        chosen, parts = next(iter(rule.items()), ("all", []))
        return Branch(
            name=name_of(path),
            place=place,
            kinds=[Option(kind, label, kind == chosen) for kind, label in KINDS.items()],
            parts=[self.tree(part, (*path, at)) for at, part in enumerate(parts if isinstance(parts, list) else [])],
            may_hold_groups=len(path) + 1 < DEEPEST,
            error=error,
        )

    def _row(self, rule: dict[str, Any], path: Path, place: str, error: str) -> Row:
        fact = self.known.get(rule.get("fact", "")) if isinstance(rule.get("fact"), str) else None
        operators = fact.operators if fact else {}
        operator = operators.get(str(rule.get("is")))
        value = rule.get("value")
        kind = operator.takes.kind if operator else "nothing"
        return Row(
            name=name_of(path),
            place=place,
            facts=self._facts(fact),
            operators=[Option(name, one.label, one is operator) for name, one in operators.items()],
            kind=kind,
            values=_values(kind, value),
            choices=self._offered(fact, operator, value) if fact and operator and kind == "some" else [],
            error=error,
        )

    def _facts(self, chosen: Fact | None) -> list[tuple[str, list[Option]]]:
        groups: Iterable[tuple[str, Iterable[Fact]]] = groupby(self.known.values(), key=lambda fact: fact.group)
        offered = [
            (group, [Option(fact.name, fact.label, fact is chosen) for fact in facts]) for group, facts in groups
        ]
        return offered if chosen else [("", [Option("", "–", True)]), *offered]

    def _offered(self, fact: Fact, operator: Operator, value: Any) -> list[Option]:
        if fact.name not in self._choices:
            self._choices[fact.name] = list(operator.takes.choices())  # type: ignore[attr-defined]
        chosen = value if isinstance(value, list) else []
        return [Option(str(one), label, one in chosen) for one, label in self._choices[fact.name]]


def _values(kind: str, value: Any) -> list[str]:
    """As many as there are fields; written as fields want them, not as people of some language do."""
    several = [*(value if isinstance(value, list) else []), "", ""][:2]
    written = several if kind in {"numbers", "dates"} else [value]
    return [str(one) if isinstance(one, str | int | float) else "" for one in written]
