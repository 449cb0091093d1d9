"""What a server's reply means for us: its many words, turned into our few (RFC 5321 §4.2).

A code of class 5 alone proves nothing about the recipient: policy, reputation and content are our fault, and
nobody is suppressed for them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from campaigns.models import Attempt
from campaigns.verdicts import Verdict, verdict

Kind = Attempt.Outcome


class Stage(StrEnum):
    """Where the conversation was when the reply came."""

    CONNECT = "connect"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    END = "end"
    RSET = "rset"


# Nobody has been named then, so that nobody can be meant.
BEFORE_RECIPIENT = frozenset({Stage.CONNECT, Stage.LOGIN, Stage.MAIL})


class Outcome(NamedTuple):
    """What became of one try to hand one mail over."""

    kind: str
    code: int | None = None
    answer: str = ""
    duration_ms: int | None = None
    # The recipient's address will never work.
    address_is_dead: bool = False
    # The server knew for whom it was when it answered.
    names_recipient: bool = False
    # It is not this recipient, but all of that domain, that should get less for a while.
    slows_domain: bool = False
    # At which step it was decided, if a server decided it.
    stage: Stage | None = None


KINDS = {
    Verdict.DEAD: Kind.REFUSED,
    Verdict.REFUSED: Kind.REFUSED,
    Verdict.FULL: Kind.DEFERRED,
    Verdict.BUSY: Kind.DEFERRED,
    Verdict.OURS: Kind.REJECTED,
}


def classify(stage: Stage, code: int, answer: str, *, duration_ms: int | None = None) -> Outcome:
    """The meaning of a reply that is not the acceptance of a mail."""
    said = f"{code} {answer}".strip()
    if stage in BEFORE_RECIPIENT:
        kind = Kind.UNAVAILABLE if code < 500 else Kind.REJECTED
        return Outcome(kind, code, said, duration_ms, stage=stage)
    found = verdict(code, answer)
    return Outcome(
        KINDS[found],
        code,
        said,
        duration_ms,
        address_is_dead=found == Verdict.DEAD,
        names_recipient=True,
        slows_domain=found == Verdict.BUSY,
        stage=stage,
    )
