"""Says rules in a sentence."""

from __future__ import annotations

from datetime import date
from functools import reduce
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from .conditions import Fact, Operator, facts
from .rules import GROUPS, is_group
from .values import BadValue

MOST_VALUES = 5
PLACE = "…"


def in_words(rules: Any, known: dict[str, Fact] | None = None) -> str:
    """Such as “language is one of German, and added in the last 30 days”; also of rules that cannot be used."""
    return _said(rules, facts() if known is None else known)


def _said(rule: Any, known: dict[str, Fact]) -> str:
    if not is_group(rule):
        return _condition(rule, known)
    name, parts = _opened(rule)
    if name not in GROUPS or not isinstance(parts, list):
        return _nonsense()
    said = [_inside(part, known) for part in parts]
    if not said:
        return _("nobody") if name == "any" else _("everybody")
    if name == "all":
        return reduce(lambda first, second: _("%(first)s and %(second)s") % {"first": first, "second": second}, said)
    either = reduce(lambda first, second: _("%(first)s or %(second)s") % {"first": first, "second": second}, said)
    return _("not (%(conditions)s)") % {"conditions": either} if name == "none" else either


def _inside(rule: Any, known: dict[str, Fact]) -> str:
    name, parts = _opened(rule) if is_group(rule) else ("", None)
    is_several = name in {"all", "any"} and isinstance(parts, list) and len(parts) > 1
    return f"({_said(rule, known)})" if is_several else _said(rule, known)


def _opened(group: dict[str, Any]) -> tuple[str, Any]:
    return next(iter(group.items()), ("", None))


def _nonsense() -> str:
    return _("something that is not known any more")


def _condition(rule: Any, known: dict[str, Fact]) -> str:
    try:
        fact = known[rule["fact"]]
        operator = fact.operators[rule["is"]]
        said = _comparison(operator, rule.get("value"))
    except (KeyError, TypeError, BadValue):
        return _nonsense()
    return _("%(fact)s %(comparison)s") % {"fact": _apart(fact.label), "comparison": said}


def _comparison(operator: Operator, raw: Any) -> str:
    value = operator.takes.read(raw)
    if operator.takes.kind == "nothing":
        return operator.label
    said = _value(operator, value)
    if PLACE in operator.label:
        return operator.label.replace(PLACE, said)
    return _("%(comparison)s %(value)s") % {"comparison": operator.label, "value": said}


def _value(operator: Operator, value: Any) -> str:
    match operator.takes.kind:
        case "text":
            return _("“%(text)s”") % {"text": _apart(value)}
        case "some":
            labels = {choice: str(label) for choice, label in operator.takes.choices()}  # type: ignore[attr-defined]
            shown = [_apart(labels[one]) for one in value[:MOST_VALUES]]
            return _(", ").join([*shown, PLACE] if len(value) > MOST_VALUES else shown)
        case "numbers" | "dates":
            lowest, highest = map(_one, value)
            return _("%(lowest)s and %(highest)s") % {"lowest": lowest, "highest": highest}
    return _one(value)


def _one(value: Any) -> str:
    return date_format(value) if isinstance(value, date) else str(number_format(value))


def _apart(text: str) -> str:
    """In a sentence that is read from the right, so that Latin words in it do not change places (Unicode TR 9)."""
    return f"\u2068{text}\u2069" if get_language_bidi() else text
