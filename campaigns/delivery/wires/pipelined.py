"""One round trip a mail: its content and the commands of the next in one write (RFC 2920)."""

from __future__ import annotations

from campaigns.delivery.replies import Stage

from .dialogue import DATA, END, MAIL, RCPT, RSET, Dialogue
from .mail import Mail


class PipelinedDialogue(Dialogue):
    def _begin_next(self) -> None:
        mail = self._next()
        if mail:
            self._ask(mail, (MAIL, RCPT, DATA), mail.sender, mail.rcpt, b"DATA\r\n")

    def _go_on(self, stage: Stage, mail: Mail, is_good: bool) -> None:
        if stage is DATA:
            if is_good and mail.outcome is None:
                self._hand_over(mail)
            else:
                if is_good:
                    # It wants a mail for nobody, and reads whatever comes as one until there is a lone dot.
                    self._ask(mail, (END,), b".\r\n")
                # Else the next MAIL would be a second one in this transaction.
                self._ask(mail, (RSET,), b"RSET\r\n")
            self._begin_next()
        elif stage is RSET and not is_good:
            self._end()
