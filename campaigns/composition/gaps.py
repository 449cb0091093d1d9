"""Empty lines in the text part: a value that is empty must not leave more than one of them behind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from .plate import picking
from .segments import Choice, Segment, Slot

GAP = re.compile(r"\n(?:[ \t]*\n){2,}")


def without_gaps(text: str) -> str:
    return GAP.sub("\n\n", text)


def settled(segments: Sequence[Segment]) -> list[Segment]:
    """With the gaps closed in what is the same for everybody."""
    return [without_gaps(segment) if isinstance(segment, str) else segment for segment in segments]


class Gaps:
    """Whether a text, settled once, is right for a person, which it is for nearly everybody."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        lonely = list(without_words_beside(segments))
        fields = [segment.field for segment in lonely if isinstance(segment, Slot) and segment.field]
        self.always_matter = len(fields) < len(lonely) or any(map(has_lines, segments))
        self.lonely = picking(fields)

    def matter(self, values: Mapping[str, str]) -> bool:
        return self.always_matter or not all(map(str.strip, self.lonely(values)))


def without_words_beside(segments: Sequence[Segment]) -> Iterator[Slot | Choice]:
    """What stands on lines that would be empty without it."""
    line: list[Slot | Choice] = []
    has_words = False
    for segment in [*segments, "\n"]:
        if not isinstance(segment, str):
            line.append(segment)
            continue
        words, *others = segment.split("\n")
        has_words = has_words or bool(words.strip())
        for words in others:
            yield from () if has_words else line
            line, has_words = [], bool(words.strip())


def has_lines(segment: Segment) -> bool:
    """Whether one of its branches does not stay on one line."""
    return isinstance(segment, Choice) and any(
        has_lines(inner) or (isinstance(inner, str) and "\n" in inner)
        for _condition, branch in segment.branches
        for inner in branch
    )
