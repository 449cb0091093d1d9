"""A conversation with a server without the connection: bytes in, bytes to say, outcomes (RFC 5321).

How the commands are grouped is told by the subclasses; what a reply or the end of the connection means for a
mail is the same for all of them, and told here.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.delivery.replies import Kind, Outcome, Stage, classify

from .answers import Answers, Garbled, readable
from .mail import CannotSend, Mail, Offer
from .parcel import Parcel, Tried

# Named here because it takes Python as long to find a member of an enumeration as to understand an answer.
MAIL, RCPT, DATA, END, RSET = Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.END, Stage.RSET
ACCEPTED = Kind.ACCEPTED
# After these no other mail of the window is begun: the next would only fare the same.
OURS_TO_SOLVE = frozenset({Kind.UNAVAILABLE, Kind.REJECTED})
CLOSING = 421
GO_AHEAD = 354


class Dialogue(ABC):
    """On one connection, window after window. `is_over`: the connection must not be used again."""

    # Says commands before the answers to earlier ones have come.
    is_grouped = True
    # After a good answer to these it says nothing, because what follows is said already.
    foregone = frozenset({MAIL, RCPT})
    # The server knows where a content ends before it has seen it.
    counts_octets = False

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        self.tried: list[Tried] = []
        self.is_over = False
        # What another connection should try at once: nothing of it was handed over here.
        self.repeat: list[Parcel] = []
        self.settled = 0
        self._answers = Answers()
        self._awaited: deque[tuple[Stage, Mail]] = deque()
        self._waiting: deque[Parcel] = deque()
        self._until = 0.0
        self._is_stopped = False
        self._unsaid: list[bytes | memoryview] = []
        self._said = 0
        self._written = 0

    @property
    def is_idle(self) -> bool:
        return not self._awaited

    def begin(self, window: Sequence[Parcel], until: float) -> None:
        self._waiting.extend(window)
        self._until = until
        self._is_stopped = False
        self._begin_next()

    def unsaid(self) -> bytes | memoryview:
        """What to write next, all at once."""
        if len(self._unsaid) > 1:
            self._unsaid = [b"".join(self._unsaid)]
        return self._unsaid[0] if self._unsaid else b""

    def wrote(self, octets: int) -> None:
        """So many of them; it decides what may have arrived when the connection breaks."""
        self._written += octets
        self._unsaid = [memoryview(self.unsaid())[octets:]] if self._written < self._said else []

    def receive(self, data: bytes) -> None:
        try:
            for code, words in self._answers.read(data):
                self._hear(code, words)
                if self.is_over:
                    return
        except Garbled as error:
            self.lost(str(error))

    def lost(self, words: str, *, is_silence: bool = False) -> None:
        """The connection ended, or is no use any more, without a word to what is awaited."""
        unsettled = self._end()
        if not unsettled:
            return
        stage, first = unsettled[0]
        doubtful = self._doubtful(unsettled)
        for mail in doubtful:
            self._settle(mail, Outcome(Kind.UNKNOWN, answer=words))
        if first in doubtful:
            return
        if stage is MAIL:
            # Of commands sent in a group the first may only seem to be the last that was heard.
            is_worth_a_call = bool(self.settled) or (self.is_grouped and not is_silence)
            self._blame_nobody(unsettled, Outcome(Kind.UNAVAILABLE, answer=words), is_worth_a_call)
        else:
            # Perhaps the server is gone, which the next mail will show. But if it hangs up because of this one,
            # then this one alone must wait, or it would hold up everybody for ever.
            self._settle(first, Outcome(Kind.DEFERRED, answer=words, names_recipient=True))

    def leave(self) -> None:
        """We end the connection, whatever is awaited."""
        words = _("The connection was closed before the server answered.")
        for mail in self._doubtful(self._end()):
            self._settle(mail, Outcome(Kind.UNKNOWN, answer=words))

    @abstractmethod
    def _begin_next(self) -> None:
        """Say the first commands for the next mail, if there is one."""

    @abstractmethod
    def _go_on(self, stage: Stage, mail: Mail, is_good: bool) -> None:
        """Say what comes after this reply."""

    def _hear(self, code: int, words: bytes) -> None:
        if not self._awaited:
            # Nobody asked: most often a server that closes what was idle for too long.
            self.is_over = True
            return
        stage, mail = self._awaited[0]
        if 200 <= code < 300 and stage in self.foregone:
            self._awaited.popleft()
            return
        is_good = code == GO_AHEAD if stage is DATA else 200 <= code < 300
        # The answer to its content came before all of that was said.
        is_cut_short = stage is END and mail.end is not None and mail.end > self._written
        if code == CLOSING:
            self._dismissed(words)
        elif is_cut_short if is_good else not 400 <= code < 600:
            self.lost(_("The server does not speak SMTP: %(words)s") % {"words": f"{code} {readable(words)}"})
        else:
            self._awaited.popleft()
            if (stage is END or not is_good) and mail.outcome is None:
                self._settle(mail, self._meaning(stage, code, words, mail))
            if is_cut_short and not self.counts_octets:
                # Nobody knows for what the server takes the rest of the content.
                self._end()
            else:
                self._go_on(stage, mail, is_good)

    def _meaning(self, stage: Stage, code: int, words: bytes, mail: Mail) -> Outcome:
        duration_ms = int((time.monotonic() - mail.begun_at) * 1000)
        if code < 300:
            return Outcome(ACCEPTED, code, f"{code} {readable(words)}", duration_ms)
        return classify(stage, code, readable(words), duration_ms=duration_ms)

    def _dismissed(self, words: bytes) -> None:
        """The server closes the connection, and does nothing more for what was said after this."""
        stage, mail = self._awaited[0]
        unsettled = self._end()
        if mail.outcome is None:
            outcome = self._meaning(stage, CLOSING, words, mail)
            if stage is MAIL:
                self._blame_nobody(unsettled, outcome, bool(self.settled))
            else:
                self._settle(mail, outcome)

    def _blame_nobody(self, unsettled: list[tuple[Stage, Mail]], outcome: Outcome, is_worth_a_call: bool) -> None:
        """Servers hang up on those who were silent for long or said much: then another connection is as good."""
        if is_worth_a_call and time.monotonic() < self._until:
            unbegun = dict.fromkeys(mail.parcel for _stage, mail in unsettled if mail.outcome is None)
            self.repeat = [*unbegun, *self._waiting]
        else:
            self._settle(unsettled[0][1], outcome)

    def _end(self) -> list[tuple[Stage, Mail]]:
        """What is still awaited, and for whom."""
        self.is_over = True
        unsettled = [(stage, mail) for stage, mail in self._awaited if mail.outcome is None]
        self._awaited.clear()
        return unsettled

    def _doubtful(self, unsettled: list[tuple[Stage, Mail]]) -> list[Mail]:
        """Those of which the server may have every byte. Until it has the last one, it has none of them."""
        mails = dict.fromkeys(mail for _stage, mail in unsettled)
        return [mail for mail in mails if mail.end is not None and mail.end <= self._written]

    def _hand_over(self, mail: Mail) -> None:
        self._say(*mail.stuffed)
        self._ask(mail, (END,), b".\r\n")
        mail.end = self._said

    def _next(self) -> Mail | None:
        while self._waiting and not self._is_stopped and time.monotonic() < self._until:
            parcel = self._waiting.popleft()
            try:
                return Mail(parcel, self.offer)
            except CannotSend as error:
                self.tried.append(Tried(parcel.number, error.outcome, timezone.now()))
        self._waiting.clear()
        return None

    def _settle(self, mail: Mail, outcome: Outcome) -> None:
        mail.outcome = outcome
        self.settled += 1
        self.tried.append(Tried(mail.number, outcome, mail.tried_at))
        if outcome.kind in OURS_TO_SOLVE:
            self._is_stopped = True

    def _ask(self, mail: Mail, stages: tuple[Stage, ...], *words: bytes) -> None:
        """Say something to which the server will answer once for each of these."""
        self._awaited.extend([(stage, mail) for stage in stages])
        self._say(words, sum(map(len, words)))

    def _say(self, words: Sequence[bytes], octets: int) -> None:
        self._unsaid.extend(words)
        self._said += octets
