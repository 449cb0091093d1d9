"""Reports of mail servers that a mail did not arrive after all (RFC 3462, RFC 3464)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from campaigns.feedback import record
from campaigns.verdicts import ENHANCED, Verdict, verdict

from .anatomy import Fields, Piece, fields
from .finding import by_returned
from .receipt import Kind, Receipt, ignored

STATUS_KINDS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
HEADERS_ALONE: Final = frozenset({"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"})
WHOLE: Final = frozenset({"message/rfc822", "message/global"})
ORIGINAL_KINDS: Final = HEADERS_ALONE | WHOLE

BLANK_LINES: Final = re.compile(rb"(?:\r?\n){2,}")
MOST_GROUPS: Final = 20
# Not a part of an IP address.
REPLY: Final = re.compile(r"(?<![\d.])([45]\d\d)(?=[\s-]|$)")
STATUS: Final = re.compile(r"([245])\.\d{1,3}\.\d{1,3}")
# Whoever was erased since must not be found in the words of a server.
ADDRESS: Final = re.compile(r"<[^<>\s]*@[^<>\s]*>|[^\s<>;:,()]+@[^\s<>;:,()]+")
LONGEST_ANSWER: Final = 250


@dataclass(frozen=True)
class Failure:
    """What the report says of the recipient."""

    recipient: str
    code: int
    answer: str

    @property
    def words(self) -> str:
        """What the server said, of nobody in particular."""
        return ADDRESS.sub("…", self.answer)[:LONGEST_ANSWER]

    @property
    def is_dead(self) -> bool:
        """The server says that the address will never work. Policy and reputation are no fault of its owner."""
        return self.code >= 500 and verdict(self.code, self.answer) == Verdict.DEAD


def understood(status: Piece, original: Piece | None) -> Receipt:
    """Each of our mails goes to one person, so the first recipient that failed is the one."""
    groups = [fields(group) for group in BLANK_LINES.split(status.content().strip(), maxsplit=MOST_GROUPS)]
    failed = next((group for group in groups if group.get("action", "").lower().startswith("failed")), None)
    if failed is None:
        return ignored(_("A server reports on a mail that has not failed."))
    failure = _failure(failed)
    letter = by_returned(fields_of(original), failure.recipient) if original else None
    if letter is None:
        return ignored(_("A mail bounced, but nothing proves that it was ours."))
    if letter.delivery is None:
        return ignored(_("A mail bounced of which nothing is known any more, or which was a test."))
    record.bounced(letter.delivery, failure.words, is_dead=failure.is_dead)
    if failure.is_dead:
        return Receipt(Kind.BOUNCED, _("A mail bounced: the address does not exist, and is never mailed again."))
    return Receipt(Kind.BOUNCED, _("A mail bounced, which says nothing against the address for good."))


def fields_of(original: Piece) -> Fields:
    """The headers of the mail that comes back, whole or its headers alone."""
    return fields(re.split(rb"\r?\n\r?\n", original.content().lstrip(), maxsplit=1)[0])


def _failure(group: Fields) -> Failure:
    answer = _after_type(group.get("diagnostic-code", ""))
    status = STATUS.match(group.get("status", ""))
    if status and not ENHANCED.search(answer):
        answer = f"{status[0]} {answer}".strip()
    reply = REPLY.search(answer)
    code = int(reply[1]) if reply else 550 if status and status[1] == "5" else 450
    recipient = group.get("original-recipient") or group.get("final-recipient", "")
    return Failure(_after_type(recipient), code, answer)


def _after_type(value: str) -> str:
    """Without what stands before the semicolon, such as ``rfc822`` or ``smtp``."""
    kind, semicolon, rest = value.partition(";")
    return rest.strip() if semicolon else kind.strip()
