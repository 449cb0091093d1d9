"""Ways to compare, by the kind of what is compared."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias

from django.db.models import CharField, F, FloatField, Func, Q, Value
from django.db.models.functions import Coalesce, Lower
from django.db.models.lookups import (
    Contains,
    EndsWith,
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
    Lookup,
    Regex,
    StartsWith,
)
from django.utils import timezone
from django.utils.translation import gettext as _

from subscribers.models import Attribute

from .conditions import Operator
from .values import Between, Day, Days, Nothing, Number, Some, Text

Kind = Attribute.Kind
Operators: TypeAlias = dict[str, Operator]
Choices: TypeAlias = Sequence[tuple[Any, str]]
Known: TypeAlias = Callable[[], Choices]
# What a moment or a number has to satisfy, all of it.
Span: TypeAlias = "list[tuple[type[Lookup[Any]], Any]]"
Spans: TypeAlias = "Callable[[Span], Q]"
DATE = r'^"[0-9]{4}-[0-9]{2}-[0-9]{2}"$'
FLOAT = "double precision"
SQLITE = "('integer', 'real')"
EVERYBODY = Q(Exact(Value(1), 1))


def holds(value: Any, span: Span) -> Q:
    return Q(*(lookup(value, bound) for lookup, bound in span))


def texts(value: Any, is_stored: Q = EVERYBODY) -> Operators:
    """Letters of either case are the same, as far as the database knows them; blank is like nothing."""
    value = Coalesce(value, Value(""), output_field=CharField())

    def compared(lookup: type[Lookup[Any]]) -> Callable[[str], Q]:
        # Both by the database: it may know fewer letters than we do.
        return lambda text: is_stored & Q(lookup(Lower(value), Lower(Value(text))))

    return {
        "is": Operator(_("is"), Text(), compared(Exact)),
        "is_not": Operator(_("is not"), Text(), _not(compared(Exact))),
        "contains": Operator(_("contains"), Text(), compared(Contains)),
        "contains_not": Operator(_("does not contain"), Text(), _not(compared(Contains))),
        "begins_with": Operator(_("begins with"), Text(), compared(StartsWith)),
        "ends_with": Operator(_("ends with"), Text(), compared(EndsWith)),
        **_presence(is_stored & ~Q(Exact(value, ""))),
    }


def chosen(value: Any, known: Known, is_stored: Q = EVERYBODY) -> Operators:
    """Of what everybody has one of, or none."""
    value = Coalesce(value, Value(""), output_field=CharField())
    return {
        **among(lambda values: is_stored & Q(In(value, values)), known),
        **_presence(is_stored & ~Q(Exact(value, ""))),
    }


def among(meaning: Callable[[list[Any]], Q], known: Known) -> Operators:
    """Of what one may have any number of."""
    return {
        "one_of": Operator(_("is one of"), Some(known), meaning),
        "none_of": Operator(_("is none of"), Some(known), _not(meaning)),
    }


def numbers(name: str, is_stored: Q) -> Operators:
    value = JsonNumber(name)

    def compared(lookup: type[Lookup[Any]]) -> Callable[[float], Q]:
        return lambda number: is_stored & holds(value, [(lookup, number)])

    return {
        "is": Operator(_("is"), Number(), compared(Exact)),
        "is_not": Operator(_("is not"), Number(), _not(compared(Exact))),
        "less": Operator(_("is less than"), Number(), compared(LessThan)),
        "most": Operator(_("is at most"), Number(), compared(LessThanOrEqual)),
        "more": Operator(_("is more than"), Number(), compared(GreaterThan)),
        "least": Operator(_("is at least"), Number(), compared(GreaterThanOrEqual)),
        "between": Operator(_("is between"), Between(Number()), lambda ends: is_stored & holds(value, _both(*ends))),
        **_presence(is_stored),
    }


def days(value: Any, is_stored: Q) -> Operators:
    """Of dates written as 2026-05-03, which are in the order of their letters."""

    def compared(span: Callable[[Any], Span]) -> Callable[[Any], Q]:
        return lambda raw: is_stored & holds(value, [(lookup, day.isoformat()) for lookup, day in span(raw)])

    return {
        "is": Operator(_("is"), Day(), compared(lambda day: [(Exact, day)])),
        "before": Operator(_("is before"), Day(), compared(lambda day: [(LessThan, day)])),
        "since": Operator(_("is on or after"), Day(), compared(lambda day: [(GreaterThanOrEqual, day)])),
        "between": Operator(_("is between"), Between(Day()), compared(lambda ends: _both(*ends))),
        "last_days": Operator(
            _("is in the last … days"), Days(), compared(lambda days: _both(_today(-days), _today()))
        ),
        "next_days": Operator(_("is in the next … days"), Days(), compared(lambda days: _both(_today(), _today(days)))),
        "anniversary": Operator(
            _("has its anniversary today"), Nothing(), lambda _none: is_stored & _ends_like(value, _today())
        ),
        **_presence(is_stored),
    }


def yes_or_no(name: str) -> Operators:
    """What nobody said is neither."""
    return {
        "yes": Operator(_("is yes"), Nothing(), lambda _none: Q(Exact(Written(name), "true"))),
        "no": Operator(_("is no"), Nothing(), lambda _none: Q(Exact(Written(name), "false"))),
        **_presence(Q(In(Written(name), ["true", "false"]))),
    }


def answers(column: str, *, is_always_known: bool = True) -> Operators:
    """Of a column that is true, false, or perhaps neither."""
    known = {
        "yes": Operator(_("is yes"), Nothing(), lambda _none: Q(Exact(F(column), True))),
        "no": Operator(_("is no"), Nothing(), lambda _none: Q(Exact(F(column), False))),
    }
    return known if is_always_known else {**known, **_presence(Q(IsNull(F(column), False)))}


def moments(meaning: Spans) -> Operators:
    """Days begin and end as in the site's time zone."""
    return {
        "last_days": Operator(
            _("in the last … days"), Days(), lambda days: meaning([(GreaterThanOrEqual, _ago(days))])
        ),
        "before_days": Operator(_("more than … days ago"), Days(), lambda days: meaning([(LessThan, _ago(days))])),
        "before": Operator(_("before"), Day(), lambda day: meaning([(LessThan, _midnight(day))])),
        "since": Operator(_("on or after"), Day(), lambda day: meaning([(GreaterThanOrEqual, _midnight(day))])),
        "between": Operator(_("between"), Between(Day()), lambda ends: meaning(_whole_days(*ends))),
        "ever": Operator(_("ever"), Nothing(), lambda _none: meaning([])),
        "never": Operator(_("never"), Nothing(), lambda _none: ~meaning([])),
    }


def until_days(meaning: Spans) -> Operators:
    """Of moments to come."""
    return {
        "next_days": Operator(_("in the next … days"), Days(), lambda days: meaning([(LessThan, _ago(-days))])),
    }


def stored_as(name: str, kind: str) -> Q:
    """That an attribute is there, and of this kind: nothing of another kind is ever compared."""
    if kind == Kind.NUMBER:
        return Q(IsNull(JsonNumber(name), False))
    if kind == Kind.DATE:
        return Q(Regex(Written(name), DATE))
    return Q(StartsWith(Written(name), '"'))


class Written(Func):
    """An attribute as it stands in the JSON, such as ``"Porto"``, ``1.5`` or ``true``; "" if it is not there."""

    output_field = CharField()
    template = "COALESCE(CAST(%(expressions)s AS text), '')"
    arg_joiner = " -> "

    def __init__(self, name: str) -> None:
        super().__init__(F("attributes"), Value(name, output_field=CharField()))


class JsonNumber(Func):
    """An attribute that is a number, else null."""

    output_field = FloatField()
    arg_joiner = " -> "

    def __init__(self, name: str) -> None:
        super().__init__(F("attributes"), Value(name, output_field=CharField()))

    def as_sql(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, Any]:  # type: ignore[override]
        attributes, name = (compiler.compile(one) for one in self.get_source_expressions())
        place = f"{attributes[0]} -> {name[0]}"
        kind, kinds = ("jsonb_typeof", "('number')") if connection.vendor == "postgresql" else ("json_type", SQLITE)
        statement = f"CASE WHEN {kind}({place}) IN {kinds} THEN CAST({place.replace('->', '->>')} AS {FLOAT}) END"
        return statement, (*attributes[1], *name[1]) * 2


def _not(meaning: Callable[[Any], Q]) -> Callable[[Any], Q]:
    return lambda value: ~meaning(value)


def _presence(is_there: Q) -> Operators:
    return {
        "blank": Operator(_("is blank"), Nothing(), lambda _none: ~is_there),
        "present": Operator(_("is not blank"), Nothing(), lambda _none: is_there),
    }


def _both(lowest: Any, highest: Any) -> Span:
    return [(GreaterThanOrEqual, lowest), (LessThanOrEqual, highest)]


def _ends_like(value: Any, day: date) -> Q:
    """Who was born on 29 February has their day on the 28th in other years."""
    ends = [f"-{day:%m-%d}"]
    if f"{day:%m-%d}" == "02-28" and not isleap(day.year):
        ends.append("-02-29")
    return Q(*(Q(EndsWith(value, end)) for end in ends), _connector=Q.OR)


def _today(days: int = 0) -> date:
    return timezone.localdate() + timedelta(days=days)


def _ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _whole_days(first: date, last: date) -> Span:
    return [(GreaterThanOrEqual, _midnight(first)), (LessThan, _midnight(last + timedelta(days=1)))]
