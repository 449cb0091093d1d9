"""What became of a mail that came in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    IGNORED = "ignored"


@dataclass(frozen=True)
class Receipt:
    """`words` say it to staff, in no words of the mail itself."""

    kind: Kind
    words: str


def ignored(words: str) -> Receipt:
    return Receipt(Kind.IGNORED, words)
