"""Reads rows by the column, which costs a fifth of reading each alone, as long as nothing has to be said about them.

Whatever is unusual in the least, from a blank too many to an address in need of another spelling, is left to
`candidates.Judge`; of the others both say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from subscribers import addresses
from subscribers.transfer import codes, headings, spelling
from subscribers.transfer.candidates import LONGEST_NAME, LONGEST_VALUE, Candidate
from subscribers.transfer.reading import Row
from subscribers.transfer.remarks import of_domain
from subscribers.transfer.values import Read, Value

SIMPLE: Final = frozenset(
    {headings.FIRST_NAME, headings.LAST_NAME, headings.LANGUAGE, headings.TIME_ZONE, headings.ATTRIBUTE}
)


@dataclass(frozen=True, slots=True)
class Block:
    """People of whom each column is at hand; a blank is "" among the details, and None among the attributes."""

    rows: Sequence[Row]
    emails: Sequence[str]
    domains: Sequence[str]
    details: Mapping[str, Sequence[str]]
    attributes: Mapping[str, Sequence[Value | None]]
    fingerprints: Sequence[str] = ()
    lines: Sequence[str] = ()
    """The same as the database is told it; both once they are `spelled`."""

    def __len__(self) -> int:
        return len(self.emails)

    def take(self, chosen: Sequence[int]) -> Block:
        """These of them, in this order."""
        if not chosen:
            return EMPTY
        # Of one index it would give the bare value.
        pick: Callable[[Sequence[Any]], Sequence[Any]] = (
            itemgetter(*chosen) if len(chosen) > 1 else lambda column: [column[chosen[0]]]
        )
        return Block(
            pick(self.rows), pick(self.emails), pick(self.domains),
            {name: pick(column) for name, column in self.details.items()},
            {name: pick(column) for name, column in self.attributes.items()},
            *(pick(column) if column else () for column in (self.fingerprints, self.lines)),
        )  # fmt: skip

    def candidates(self, chosen: Iterable[int]) -> list[Candidate]:
        return [self._candidate(at) for at in chosen]

    def _candidate(self, at: int) -> Candidate:
        return Candidate(
            self.rows[at],
            self.emails[at],
            self.domains[at],
            self.fingerprints[at],
            {name: column[at] for name, column in self.details.items() if column[at]},
            {name: value for name, column in self.attributes.items() if (value := column[at]) is not None},
        )


EMPTY: Final = Block((), (), (), {}, {})


class Columns:
    """Of one file, if its columns are simple enough."""

    def __init__(self, mapping: Mapping[str, str], width: int, reads: Mapping[str, Read]) -> None:
        targets = {int(at): target for at, target in mapping.items()}
        kinds = {at: target.partition(":")[0] for at, target in targets.items() if target != headings.EMAIL}
        self.are_simple = set(kinds.values()) <= SIMPLE and len(set(targets.values())) == len(targets)
        self._width = width
        self._email = next(at for at, target in sorted(targets.items()) if target == headings.EMAIL)
        self._targets = {at: target for at, target in sorted(targets.items()) if target != headings.EMAIL}
        self._needed = max(targets) + 1
        self._reads = reads

    def read(self, rows: Sequence[Row]) -> tuple[Block, set[int]]:
        """All of them, of which those at these places are unusual: nothing that the block says about them counts."""
        cells = [row.cells for row in rows]
        odd: set[int] = set()
        if set(map(len, cells)) != {self._width}:
            odd.update(at for at, row in enumerate(cells) if len(row) > self._width)
            cells = [row if len(row) >= self._needed else [*row, *[""] * (self._needed - len(row))] for row in cells]
        columns = list(zip(*cells, strict=False))
        emails, domains = self._addresses(columns[self._email], odd)
        details: dict[str, Sequence[str]] = {}
        attributes: dict[str, Sequence[Value | None]] = {}
        for at, target in self._targets.items():
            kind, _colon, name = target.partition(":")
            column = columns[at]
            _note_untidy(column, LONGEST_VALUE if kind == headings.ATTRIBUTE else LONGEST_NAME, odd)
            if kind == headings.ATTRIBUTE and name in self._reads:
                attributes[name] = _translated(column, self._reads[name], None, odd)
            elif kind == headings.ATTRIBUTE:
                attributes[name] = [text or None for text in column] if "" in column else column
            elif kind == headings.LANGUAGE:
                details[kind] = _translated(column, codes.language_code, "", odd)
            elif kind == headings.TIME_ZONE:
                details[kind] = _translated(column, codes.time_zone, "", odd)
            else:
                details[kind] = column
        return Block(rows, emails, domains, details, attributes), odd

    def _addresses(self, column: Sequence[str], odd: set[int]) -> tuple[Sequence[str], Sequence[str]]:
        text = "\n".join(column)
        if not text.isascii() or text.count("\n") >= len(column):
            text = "\n".join([each if each.isascii() and "\n" not in each else "" for each in column])
        text = text.lower()
        locals_, domains = zip(*addresses.plain_lines(text), strict=True)
        odd.update(_places(domains, {domain for domain in set(domains) if not _is_usual(domain)}))
        odd.update(_places(locals_, spelling.ROLES.intersection(locals_)))
        return text.split("\n"), domains


def _is_usual(domain: str) -> bool:
    return bool(domain) and addresses.is_plain_domain(domain) and not of_domain(domain)


def _note_untidy(column: Sequence[str], longest: int, odd: set[int]) -> None:
    """Those that `candidates.clean` would change, or that are too long."""
    # All of them at once: to ask each alone takes as long as everything else.
    if not _is_tidy("|".join(column), " |", "| "):
        odd.update(at for at, text in enumerate(column) if not _is_tidy(text))
    if max(map(len, column)) > longest:
        odd.update(at for at, text in enumerate(column) if len(text) > longest)


def _is_tidy(text: str, *signs: str) -> bool:
    has_ends = text.startswith(" ") or text.endswith(" ")
    return text.isprintable() and not has_ends and "  " not in text and not any(sign in text for sign in signs)


def _places(column: Sequence[str], texts: Set[str]) -> list[int]:
    return [at for at, text in enumerate(column) if text in texts] if texts else []


def _translated(column: Sequence[str], read: Callable[[str], Any], blank: Any, odd: set[int]) -> Sequence[Any]:
    """Each distinct text is read once."""
    known: dict[str, Any] = {}
    bad = set()
    for text in set(column) - {""}:
        try:
            known[text] = read(text)
        except ValueError:
            known[text] = None
        if known[text] is None:
            bad.add(text)
    odd.update(_places(column, bad))
    known[""] = blank
    return [known[text] for text in column]
