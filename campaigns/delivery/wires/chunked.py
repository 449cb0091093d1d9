"""A whole window in one round trip: no mail waits for the answers to the last (RFC 3030)."""

from __future__ import annotations

from campaigns.delivery.replies import Stage

from .dialogue import END, MAIL, RCPT, RSET, Dialogue
from .mail import Mail


class ChunkedDialogue(Dialogue):
    counts_octets = True
    _is_spoilt = False

    def _begin_next(self) -> None:
        while mail := self._next():
            chunk = b"BDAT %d LAST\r\n" % mail.octets
            self._ask(mail, (MAIL, RCPT, END), mail.sender, mail.rcpt, chunk)
            self._say(mail.pieces, mail.octets)
            mail.end = self._said
            # Whether it was refused is not known yet; if so, the next MAIL would be a second one in its transaction.
            self._ask(mail, (RSET,), b"RSET\r\n")

    def _go_on(self, stage: Stage, mail: Mail, is_good: bool) -> None:
        if stage is RSET and not is_good:
            self._is_spoilt = True
        # What was said cannot be taken back, so the answers to it are read to the end.
        if self.is_idle and self._is_spoilt:
            self.is_over = True
