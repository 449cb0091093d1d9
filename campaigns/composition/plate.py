"""One part of a mail as it goes over the wire, the same words for everybody, with holes for what is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from .quoted import CRLF, SOFT_BREAK, quoted
from .segments import Choice, Person, Segment, Slot, escaped


class Plate:
    """`names` are the values that come encoded already, in this order."""

    def __init__(self, segments: Sequence[Segment], names: Sequence[str], *, is_html: bool) -> None:
        self.names = names
        self.is_html = is_html
        # What is made for each person, beyond the values.
        self.made: list[Slot | PlateChoice] = []
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

    def place_of(self, segment: Slot | Choice) -> int:
        if isinstance(segment, Slot) and segment.field in self.names:
            return self.names.index(segment.field)
        self.made.append(self.choice(segment) if isinstance(segment, Choice) else segment)
        return len(self.names) + len(self.made) - 1

    def choice(self, choice: Choice) -> PlateChoice:
        branches = [
            (condition, Plate(segments, self.names, is_html=self.is_html)) for condition, segments in choice.branches
        ]
        return PlateChoice(branches)

    def pieces(self, values: list[bytes], person: Person) -> list[bytes]:
        """To be joined."""
        if self.made:
            values = values + [self.made_for(person, one, values) for one in self.made]
        pieces = self.frame.copy()
        pieces[1::2] = self.order(values)
        return pieces

    def made_for(self, person: Person, one: Slot | PlateChoice, values: list[bytes]) -> bytes:
        if isinstance(one, PlateChoice):
            return one.made_for(person, values)
        return quoted(escaped(one.value(person)) if self.is_html else one.value(person))


@dataclass(frozen=True)
class PlateChoice:
    branches: list[tuple[Any, Plate]]

    def made_for(self, person: Person, values: list[bytes]) -> bytes:
        for condition, plate in self.branches:
            if condition is None or condition.eval(person):
                return b"".join(plate.pieces(values, person))
        return b""


def picking(places: list[int]) -> Callable[[list[bytes]], Sequence[bytes]]:
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
