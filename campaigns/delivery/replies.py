"""What a server's reply means for us: its many words, turned into our few.

RFC 5321 §4.2 for the codes, RFC 3463 for the enhanced ones. A code of class 5 alone proves nothing about
the recipient: policy, reputation and content are our fault, and nobody is suppressed for them.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from campaigns.models import Attempt

Kind = Attempt.Outcome

_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_UNKNOWN_USER = re.compile(
    r"(user|recipient|mailbox|address|account)\b.{0,40}\b(unknown|not found|not exist|n't exist|invalid)"
    r"|(unknown|invalid|no such)\b.{0,20}\b(user|recipient|mailbox|address|account)|mailbox unavailable",
    re.IGNORECASE,
)
_FULL = re.compile(r"\b(full|quota|over ?limit|suspended|inactive)\b", re.IGNORECASE)
_POLICY = re.compile(
    r"\b(spam|policy|reputation|block(ed|list)?|black ?list(ed)?|dmarc|spf|dkim|relay(ing)?|authenticat\w+)\b",
    re.IGNORECASE,
)
_AUTHENTICATION = frozenset({530, 534, 535, 538})
# Bad sender addresses; everything else in 5.1 is about the recipient.
_ABOUT_SENDER = frozenset({7, 8})
_DEAD = frozenset({(1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (4, 4)})
_SOFT = frozenset({(2, 1), (2, 2)})
_NEEDS_SMTPUTF8 = (6, 7)


class Stage(StrEnum):
    """How far the conversation was when the reply came."""

    CONNECT = "connect"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    END = "end"
    RSET = "rset"


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


def classify(stage: Stage, code: int, answer: str, *, duration_ms: int | None = None) -> Outcome:
    """The meaning of a reply that is not the acceptance of a mail."""
    kind, dead = (_before_recipient if stage in {Stage.CONNECT, Stage.LOGIN, Stage.MAIL} else _about_recipient)(
        code, answer
    )
    return Outcome(
        kind=kind,
        code=code,
        answer=f"{code} {answer}".strip(),
        duration_ms=duration_ms,
        address_is_dead=dead,
        names_recipient=stage in {Stage.RCPT, Stage.DATA, Stage.END},
    )


def _before_recipient(code: int, answer: str) -> tuple[str, bool]:
    return (Kind.UNAVAILABLE if code < 500 else Kind.REJECTED), False


def _about_recipient(code: int, answer: str) -> tuple[str, bool]:
    if code < 500:
        return Kind.DEFERRED, False
    if code in _AUTHENTICATION:
        return Kind.REJECTED, False
    enhanced = _ENHANCED.search(answer)
    if enhanced and enhanced[1] == "5":
        return _by_enhanced_code(int(enhanced[2]), int(enhanced[3]))
    return _by_words(answer)


def _by_enhanced_code(subject: int, detail: int) -> tuple[str, bool]:
    if (subject, detail) in _SOFT:
        return Kind.DEFERRED, False
    if subject == 1 and detail in _ABOUT_SENDER:
        return Kind.REJECTED, False
    if subject in {5, 6, 7} and (subject, detail) != _NEEDS_SMTPUTF8:
        return Kind.REJECTED, False
    return Kind.REFUSED, (subject, detail) in _DEAD


def _by_words(answer: str) -> tuple[str, bool]:
    if _POLICY.search(answer):
        return Kind.REJECTED, False
    if _FULL.search(answer):
        return Kind.DEFERRED, False
    return Kind.REFUSED, bool(_UNKNOWN_USER.search(answer))
