"""Turns one row of a file into a person as stated there, or into the reason why it is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from subscribers import addresses
from subscribers.models import ImportIssue
from subscribers.transfer import codes, headings
from subscribers.transfer.faults import Fault, FileRefused
from subscribers.transfer.mapping import letter
from subscribers.transfer.reading import Row

Reason = ImportIssue.Reason
LONGEST_NAME: Final = 120
LONGEST_VALUE: Final = 1_000

# Controls, line ends, invisible marks and overrides of direction have no place in a name; the joiners
# U+200C and U+200D do, in Persian and in Indian scripts.
_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Flaw:
    reason: Reason
    message: str


class Unusable(Exception):
    """The row cannot become a person."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.flaw = Flaw(reason, message)


@dataclass
class Candidate:
    row: Row
    email: str
    details: dict[str, str] = field(default_factory=dict)
    """Only what the row states: blank cells are absent."""
    attributes: dict[str, str] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)
    """What was left out although the row is taken."""


class Judge:
    """Knows the columns of one file. Raises FileRefused if none of them holds addresses."""

    def __init__(self, mapping: Mapping[str, str], width: int) -> None:
        columns = {int(at): target for at, target in mapping.items()}
        self._width = width
        addressed = [at for at, target in columns.items() if target == headings.EMAIL]
        if not addressed:
            raise FileRefused(Fault.NO_ADDRESS_COLUMN)
        self._email = addressed[0]
        self._others = [(at, target) for at, target in sorted(columns.items()) if target != headings.EMAIL]

    def address(self, row: Row) -> str:
        """Raises Unusable."""
        try:
            return addresses.normalise(_cell(row, self._email))
        except addresses.AddressRefused as refused:
            raise Unusable(Reason(refused.reason.value), str(refused)) from refused

    def candidate(self, row: Row, email: str) -> Candidate:
        """Raises Unusable."""
        if any(row.cells[self._width :]):
            raise Unusable(
                Reason.RAGGED,
                _("The row has %(cells)s cells, but there are %(columns)s columns: something may have slipped.")
                % {"cells": len(row.cells), "columns": self._width},
            )
        person = Candidate(row, email)
        for at, target in self._others:
            value = clean(_cell(row, at))
            if value:
                _take(person, target, value, at)
        return person


def clean(text: str) -> str:
    """One line of visible text."""
    return _BLANKS.sub(" ", _UNWANTED.sub(" ", text)).strip()


def _cell(row: Row, at: int) -> str:
    return row.cells[at] if at < len(row.cells) else ""


def _take(person: Candidate, target: str, value: str, at: int) -> None:
    kind, _colon, name = target.partition(":")
    if kind == headings.ATTRIBUTE:
        _limit(value, LONGEST_VALUE, Reason.VALUE_TOO_LONG, at)
        person.attributes[name] = value
    elif kind == headings.LANGUAGE:
        _take_code(person, headings.LANGUAGE, value, codes.language_code, Reason.LANGUAGE)
    elif kind == headings.TIME_ZONE:
        _take_code(person, headings.TIME_ZONE, value, codes.time_zone, Reason.TIME_ZONE)
    elif kind == headings.FULL_NAME:
        _take_full_name(person, value, at)
    else:
        _limit(value, LONGEST_NAME, Reason.NAME_TOO_LONG, at)
        person.details[kind] = value


def _limit(value: str, longest: int, reason: Reason, at: int) -> None:
    if len(value) > longest:
        words = _("Column %(column)s holds %(length)s characters; at most %(longest)s fit.")
        raise Unusable(reason, words % {"column": letter(at), "length": len(value), "longest": longest})


def _take_code(person: Candidate, name: str, value: str, read: Callable[[str], str | None], reason: Reason) -> None:
    """A language or zone that nobody knows is left out; the person is welcome all the same."""
    code = read(value)
    if code:
        person.details[name] = code
        return
    words = {
        Reason.LANGUAGE: _("“%(value)s” is no language we know; the person is taken without one."),
        Reason.TIME_ZONE: _("“%(value)s” is no time zone we know; the person is taken without one."),
    }
    person.flaws.append(Flaw(reason, words[reason] % {"value": value[:60]}))


def _take_full_name(person: Candidate, value: str, at: int) -> None:
    """``Ann Lee`` and ``Lee, Ann``; columns for the parts say it better and win."""
    if "," in value:
        last, _comma, first = value.partition(",")
    else:
        first, _blank, last = value.rpartition(" ")
    first, last = first.strip(), last.strip()
    if not first:
        first, last = last, ""
    for name, part in ((headings.FIRST_NAME, first), (headings.LAST_NAME, last)):
        _limit(part, LONGEST_NAME, Reason.NAME_TOO_LONG, at)
        if part:
            person.details.setdefault(name, part)
