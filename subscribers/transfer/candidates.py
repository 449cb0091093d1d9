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
from subscribers.transfer.names import parted
from subscribers.transfer.reading import Row
from subscribers.transfer.values import Read, Value

Reason = ImportIssue.Reason
LONGEST_NAME: Final = 120
LONGEST_VALUE: Final = 1_000
LONGEST_TAG: Final = 60

# Controls, line ends, invisible marks and overrides of direction have no place in a name; the joiners
# U+200C and U+200D do, in Persian and in Indian scripts.
_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class Flaw:
    reason: Reason
    message: str
    suggestion: str = ""


class Unusable(Exception):
    """The row cannot become a person."""

    def __init__(self, reason: Reason, message: str, suggestion: str = "") -> None:
        super().__init__(message)
        self.flaw = Flaw(reason, message, suggestion)


@dataclass(slots=True)
class Candidate:
    row: Row
    email: str
    domain: str = ""
    fingerprint: str = ""
    details: dict[str, str] = field(default_factory=dict)
    """Only what the row states: blank cells are absent."""
    attributes: dict[str, Value] = field(default_factory=dict)
    lists: frozenset[int] = frozenset()
    """Those that the row itself names."""
    tags: tuple[str, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    """What was left out although the row is taken."""


Take = Callable[[Candidate, str], None]


class Judge:
    """Knows the columns of one file. Raises FileRefused if none of them holds addresses."""

    def __init__(
        self,
        mapping: Mapping[str, str],
        width: int,
        *,
        reads: Mapping[str, Read] | None = None,
        lists: Mapping[str, int] | None = None,
    ) -> None:
        """`reads`: how to read the values of attributes that are not text; `lists`: by each name they have."""
        columns = {int(at): target for at, target in mapping.items()}
        self._width = width
        addressed = [at for at, target in columns.items() if target == headings.EMAIL]
        if not addressed:
            raise FileRefused(Fault.NO_ADDRESS_COLUMN)
        self._email = addressed[0]
        others = [(at, target) for at, target in sorted(columns.items()) if target != headings.EMAIL]
        self._takes = [(at, _taking(target, at, reads or {}, lists or {})) for at, target in others]

    def address(self, row: Row) -> str:
        """Raises Unusable."""
        try:
            return addresses.normalise(self.written_address(row))
        except addresses.AddressRefused as refused:
            raise Unusable(Reason(refused.reason.value), str(refused)) from refused

    def written_address(self, row: Row) -> str:
        return row.cells[self._email] if self._email < len(row.cells) else ""

    def candidate(self, row: Row, email: str) -> Candidate:
        """Raises Unusable."""
        cells = row.cells
        filled = len(cells)
        if filled > self._width and any(cells[self._width :]):
            raise Unusable(
                Reason.RAGGED,
                _("The row has %(cells)s cells, but there are %(columns)s columns: something may have slipped.")
                % {"cells": filled, "columns": self._width},
            )
        person = Candidate(row, email)
        for at, take in self._takes:
            if at < filled and (cell := cells[at]):
                # A million rows have no time to call `clean` for what is clean.
                is_clean = cell.isprintable() and cell[0] != " " != cell[-1] and "  " not in cell
                if is_clean or (cell := clean(cell)):
                    take(person, cell)
        return person


def clean(text: str) -> str:
    """One line of visible text."""
    if text.isprintable():
        # Then the blank is the only one of all those characters that can be in it.
        return " ".join(text.split())
    return _BLANKS.sub(" ", _UNWANTED.sub(" ", text)).strip()


def _taking(target: str, at: int, reads: Mapping[str, Read], lists: Mapping[str, int]) -> Take:
    kind, _colon, name = target.partition(":")
    match kind:
        case headings.ATTRIBUTE if name in reads:
            return _taking_value(name, reads[name], at)
        case headings.ATTRIBUTE:
            return _taking_text(name, at)
        case headings.LANGUAGE:
            words = _("“%(value)s” is no language we know; the person is taken without one.")
            return _taking_code(kind, codes.language_code, Reason.LANGUAGE, words)
        case headings.TIME_ZONE:
            words = _("“%(value)s” is no time zone we know; the person is taken without one.")
            return _taking_code(kind, codes.time_zone, Reason.TIME_ZONE, words)
        case headings.FULL_NAME:
            return _taking_full_name(at)
        case headings.LISTS:
            return _taking_lists(lists)
        case headings.TAGS:
            return _taking_tags(at)
    return _taking_name(kind, at)


def _too_long(value: str, longest: int, reason: Reason, at: int) -> Unusable:
    words = _("Column %(column)s holds %(length)s characters; at most %(longest)s fit.")
    return Unusable(reason, words % {"column": letter(at), "length": len(value), "longest": longest})


def _taking_name(field_name: str, at: int) -> Take:
    def take(person: Candidate, value: str) -> None:
        if len(value) > LONGEST_NAME:
            raise _too_long(value, LONGEST_NAME, Reason.NAME_TOO_LONG, at)
        person.details[field_name] = value

    return take


def _taking_text(name: str, at: int) -> Take:
    def take(person: Candidate, value: str) -> None:
        if len(value) > LONGEST_VALUE:
            raise _too_long(value, LONGEST_VALUE, Reason.VALUE_TOO_LONG, at)
        person.attributes[name] = value

    return take


def _taking_value(name: str, read: Read, at: int) -> Take:
    """A value of the wrong kind is left out; the person is welcome all the same."""

    def take(person: Candidate, value: str) -> None:
        try:
            person.attributes[name] = read(value)
        except ValueError:
            words = _("“%(value)s” in column %(column)s is of another kind; the person is taken without it.")
            person.flaws += (Flaw(Reason.KIND, words % {"value": value[:60], "column": letter(at)}),)

    return take


def _taking_code(name: str, read: Callable[[str], str | None], reason: Reason, words: str) -> Take:
    def take(person: Candidate, value: str) -> None:
        code = read(value)
        if code:
            person.details[name] = code
        else:
            person.flaws += (Flaw(reason, words % {"value": value[:60]}),)

    return take


def _taking_full_name(at: int) -> Take:
    """``Ann Lee`` and ``Lee, Ann``; columns for the parts say it better and win."""

    def take(person: Candidate, value: str) -> None:
        if "," in value:
            last, _comma, first = value.partition(",")
        else:
            first, _blank, last = value.rpartition(" ")
        first, last = first.strip(), last.strip()
        if not first:
            first, last = last, ""
        for name, part in ((headings.FIRST_NAME, first), (headings.LAST_NAME, last)):
            if len(part) > LONGEST_NAME:
                raise _too_long(part, LONGEST_NAME, Reason.NAME_TOO_LONG, at)
            if part:
                person.details.setdefault(name, part)

    return take


def _taking_lists(known: Mapping[str, int]) -> Take:
    def take(person: Candidate, value: str) -> None:
        whole = headings.plain(value) in known
        found = {name: known.get(headings.plain(name)) for name in ([value] if whole else parted(value))}
        person.lists |= {number for number in found.values() if number}
        unknown = [name[:60] for name, number in found.items() if not number]
        if unknown:
            words = _("There is no list “%(lists)s”; the person is taken without it.")
            person.flaws += (Flaw(Reason.LIST, words % {"lists": "”, “".join(unknown)}),)

    return take


def _taking_tags(at: int) -> Take:
    def take(person: Candidate, value: str) -> None:
        names = parted(value)
        for name in names:
            if len(name) > LONGEST_TAG:
                raise _too_long(name, LONGEST_TAG, Reason.VALUE_TOO_LONG, at)
        person.tags = tuple(dict.fromkeys((*person.tags, *names)))

    return take
