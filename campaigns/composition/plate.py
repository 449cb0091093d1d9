"""One part of a mail as it goes over the wire, the same words for everybody, with holes for what is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Protocol

from .gaps import Loose
from .quoted import CRLF, SOFT_BREAK, quoted
from .segments import Choice, Person, Segment, Slot, escaped


class Made(Protocol):
    def quoted_for(self, person: Person, values: list[bytes]) -> bytes: ...


class Plate:
    """`names` are the values that come encoded already, in this order."""

    def __init__(self, segments: Sequence[Segment | Loose], names: Sequence[str], *, is_html: bool) -> None:
        self.names = names
        self.is_html = is_html
        # For each person, beyond the values.
        self.made: list[Made] = []
        holes: list[int] = []
        words = [""]
        for segment in segments:
            if isinstance(segment, str):
                words[-1] += segment
            else:
                holes.append(self.place_of(segment))
                words.append("")
        self.order = picking(holes)
        # Words and holes in turn.
        self.frame = [b""] * (2 * len(holes) + 1)
        self.frame[::2] = jointed(list(map(quoted, words)))

    def place_of(self, segment: Slot | Choice | Loose) -> int:
        if isinstance(segment, Slot):
            if segment.field in self.names:
                return self.names.index(segment.field)
            self.made.append(Filtered(segment, self.is_html))
        else:
            self.made.append(segment if isinstance(segment, Loose) else Branches.of(segment, self))
        return len(self.names) + len(self.made) - 1

    def pieces(self, values: list[bytes], person: Any) -> list[bytes]:
        """To be joined. The person must be a Person if something is made."""
        if self.made:
            values = values + [one.quoted_for(person, values) for one in self.made]
        pieces = self.frame.copy()
        pieces[1::2] = self.order(values)
        return pieces


@dataclass(frozen=True)
class Filtered:
    slot: Slot
    is_html: bool

    def quoted_for(self, person: Person, values: list[bytes]) -> bytes:
        text = self.slot.value(person)
        return quoted(escaped(text) if self.is_html else text)


@dataclass(frozen=True)
class Branches:
    plates: list[tuple[Any, Plate]]

    @classmethod
    def of(cls, choice: Choice, plate: Plate) -> Branches:
        return cls(
            [(condition, Plate(branch, plate.names, is_html=plate.is_html)) for condition, branch in choice.branches]
        )

    def quoted_for(self, person: Person, values: list[bytes]) -> bytes:
        for condition, plate in self.plates:
            if condition is None or condition.eval(person):
                return b"".join(plate.pieces(values, person))
        return b""


def picking(places: Sequence[Any]) -> Callable[[Any], Sequence[Any]]:
    """What stands at these places of a list, or under these names of a mapping."""
    if len(places) > 1:
        return itemgetter(*places)
    # For one place an itemgetter does not give a tuple.
    return lambda values: [values[place] for place in places]


def jointed(words: list[bytes]) -> list[bytes]:
    """With soft line breaks where values will stand, so that no line becomes too long."""
    last = len(words) - 1
    return [
        (b"" if at == 0 or text.startswith(CRLF) or (at == last and not text) else SOFT_BREAK)
        + text
        + (b"" if at == last or text.endswith(CRLF) or not text else SOFT_BREAK)
        for at, text in enumerate(words)
    ]
