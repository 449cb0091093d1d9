"""Command by command, for a server that offers nothing more."""

from __future__ import annotations

from campaigns.delivery.replies import Stage

from .dialogue import Dialogue
from .mail import Mail


class PlainDialogue(Dialogue):
    is_grouped = False
    foregone = frozenset()

    def _begin_next(self) -> None:
        mail = self._next()
        if mail:
            self._ask(mail, (Stage.MAIL,), mail.sender)

    def _go_on(self, stage: Stage, mail: Mail, is_good: bool) -> None:
        match stage:
            case Stage.MAIL if is_good:
                self._ask(mail, (Stage.RCPT,), mail.rcpt)
            case Stage.RCPT if is_good:
                self._ask(mail, (Stage.DATA,), b"DATA\r\n")
            case Stage.DATA if is_good:
                self._hand_over(mail)
            case Stage.MAIL | Stage.RCPT | Stage.DATA:
                self._ask(mail, (Stage.RSET,), b"RSET\r\n")
            case Stage.RSET if not is_good:
                self._end()
            case _:
                self._begin_next()
