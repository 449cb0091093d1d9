"""Empty lines in the text part: a value that is empty must not leave more than one of them behind.

Where a line has words of its own nothing can go wrong. What is left is made loose: cut out with the blanks
around it, so that whatever stands there for one person can be settled without looking at the rest.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from .quoted import SOFT_BREAK, quoted
from .segments import Choice, Person, Segment, Slot

GAP = re.compile(r"\n(?:[ \t]*\n){2,}")
BLANKS = " \t\n"


def without_gaps(text: str) -> str:
    return GAP.sub("\n\n", text)


class Loose:
    """Values and choices with the blanks between and around them; words among these are encoded already."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = list(encoded(segments))

    def quoted_for(self, person: Person, values: list[bytes]) -> bytes:
        found: list[bytes] = []
        texts: list[str] = []
        for piece in pieces_for(person, self.segments):
            if isinstance(piece, str):
                texts.append(piece)
            else:
                found += (quoted(without_gaps("".join(texts))), piece)
                texts = []
        return SOFT_BREAK.join(filter(None, (*found, quoted(without_gaps("".join(texts))))))


def settled(segments: Sequence[Segment], addresses: Collection[str]) -> list[Segment | Loose]:
    """With the gaps closed in what is the same for everybody; addresses are never empty."""
    found: list[Segment | Loose] = []
    region: list[Segment] = []
    loose = {id(segment) for segment in loose_in(segments, addresses)}
    for segment, following in zip(segments, [*segments, ""][1:], strict=True):
        if id(segment) in loose:
            region.append(segment)
            continue
        before, after = "", ""
        if isinstance(segment, str):
            before, segment, after = parted(segment, is_first=bool(region), is_last=id(following) in loose)
        if region:
            region.append(before)
        if region and segment:
            found.append(Loose(region))
            region = []
        found.append(without_gaps(segment) if isinstance(segment, str) else segment)
        if after:
            region.append(after)
    return [*found, Loose(region)] if region else found


def loose_in(segments: Sequence[Segment], addresses: Collection[str]) -> Iterator[Slot | Choice]:
    """What stands on lines that would be empty without it, and what has several lines."""
    line: list[Slot | Choice] = []
    has_words = False
    for segment in [*segments, "\n"]:
        if isinstance(segment, str):
            words, *others = segment.split("\n")
        elif isinstance(segment, Slot) and segment.field in addresses:
            words, others = segment.field, []
        else:
            line.append(segment)
            words, others = "", [""] if has_lines(segment) else []
            if others:
                # Whether or not there are words on its first line, they are none of its others.
                yield segment
        has_words = has_words or bool(words.strip(BLANKS))
        for words in others:
            yield from () if has_words else line
            line, has_words = [], bool(words.strip(BLANKS))


def has_lines(segment: Any) -> bool:
    if isinstance(segment, Choice):
        return any(has_lines(inner) for _condition, branch in segment.branches for inner in branch)
    return isinstance(segment, str) and "\n" in segment


def parted(text: str, *, is_first: bool, is_last: bool) -> tuple[str, str, str]:
    """Blanks, words, blanks; of those only what is beside something loose."""
    words = text.lstrip(BLANKS) if is_first else text
    before = text[: len(text) - len(words)]
    text, words = words, words.rstrip(BLANKS) if is_last else words
    return before, words, text[len(words) :]


def encoded(segments: Sequence[Segment]) -> Iterator[Any]:
    for segment in segments:
        if isinstance(segment, Choice):
            yield Choice([(condition, list(encoded(branch))) for condition, branch in segment.branches])
        elif isinstance(segment, str) and segment.strip(BLANKS):
            before, words, after = parted(segment, is_first=True, is_last=True)
            yield before
            yield quoted(without_gaps(words))
            yield after
        else:
            yield segment


def pieces_for(person: Person, segments: Sequence[Any]) -> Iterator[str | bytes]:
    for segment in segments:
        if isinstance(segment, Slot):
            yield segment.value(person)
        elif isinstance(segment, Choice):
            yield from pieces_for(person, segment.made_for(person))
        else:
            yield segment
