"""What a condition compares with: read from JSON, and refused in words if it is something else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

LONGEST_TEXT = 200
MOST_VALUES = 100
MOST_DAYS = 36_500
LARGEST_NUMBER = 1e15
YEARS = range(1800, 2201)


class BadValue(ValueError):
    """``str()`` says in words what would be right."""


class Value(ABC):
    """`kind` tells the builder which field to show."""

    kind: str

    @abstractmethod
    def read(self, raw: Any) -> Any:
        """Raises BadValue."""


class Nothing(Value):
    kind = "nothing"

    def read(self, raw: Any) -> None:
        if raw is not None:
            raise BadValue(_("This comparison needs no value."))


class Text(Value):
    kind = "text"

    def read(self, raw: Any) -> str:
        if not isinstance(raw, str) or not raw.strip() or "\0" in raw:
            raise BadValue(_("Write a text."))
        if len(raw) > LONGEST_TEXT:
            raise BadValue(_("A text can have at most %(most)s characters.") % {"most": LONGEST_TEXT})
        if any("\ud800" <= letter <= "\udfff" for letter in raw):
            # Halves of letters, which JSON can hold and no database.
            raise BadValue(_("Write a text."))
        return raw.strip()


class Number(Value):
    kind = "number"

    def read(self, raw: Any) -> float | int:
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            raise BadValue(_("Write a number."))
        # So that what is no number at all is refused too.
        if not abs(raw) <= LARGEST_NUMBER:
            raise BadValue(_("This number is too large."))
        return raw


class Day(Value):
    kind = "date"

    def read(self, raw: Any) -> date:
        try:
            day = date.fromisoformat(raw)
        except (TypeError, ValueError) as error:
            raise BadValue(_("Write a date such as 2026-05-03.")) from error
        if day.year not in YEARS:
            raise BadValue(_("This date is too far away."))
        return day


class Days(Value):
    """A number of them, counted from the day on which the rule is asked."""

    kind = "days"

    def read(self, raw: Any) -> int:
        if isinstance(raw, bool) or not isinstance(raw, int) or not 0 <= raw <= MOST_DAYS:
            raise BadValue(_("Write a number of days, at most %(most)s.") % {"most": MOST_DAYS})
        return raw


@dataclass(frozen=True)
class Between(Value):
    """A list of two, both included."""

    end: Value

    @property
    def kind(self) -> str:  # type: ignore[override]
        return f"{self.end.kind}s"

    def read(self, raw: Any) -> tuple[Any, Any]:
        if not isinstance(raw, list) or len(raw) != 2:
            raise BadValue(_("Write a lowest and a highest value."))
        lowest, highest = (self.end.read(one) for one in raw)
        if lowest > highest:
            raise BadValue(_("The lowest value is above the highest."))
        return lowest, highest


@dataclass(frozen=True)
class Some(Value):
    """A list of choices; they are asked for anew each time, since lists and tags come and go."""

    choices: Callable[[], Sequence[tuple[Any, str]]]
    kind = "some"

    def read(self, raw: Any) -> list[Any]:
        known = {value for value, _label in self.choices()}
        if not isinstance(raw, list) or not 1 <= len(raw) <= MOST_VALUES:
            raise BadValue(_("Choose at least one."))
        if not all(isinstance(one, int | str) and not isinstance(one, bool) and one in known for one in raw):
            raise BadValue(_("One of the chosen values does not exist any more."))
        return raw
