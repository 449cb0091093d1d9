"""A lane: one process that feeds several connections for a while, window by window.

Each round is one commit: the outcomes of what finished, and what goes on the wire next. A wire gets its next
window only after the outcomes of its last one are written. So whenever the process dies, only the mails that
stand in the windows of its slots can be in doubt.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import InterfaceError, OperationalError, connection

from campaigns import pace
from campaigns.delivery import brake, drain, ledger, limits, making, pulse, slots
from campaigns.delivery.desk import Mail
from campaigns.delivery.feed import Feed
from campaigns.delivery.insist import insist
from campaigns.delivery.ledger import Tried
from campaigns.delivery.limits import Admitted, Asked, Domains, Ended
from campaigns.delivery.lines import Line, Window, changed, dealt, parcel
from campaigns.delivery.making import Made
from campaigns.delivery.replies import Kind, Outcome
from campaigns.delivery.slots import Lost
from campaigns.delivery.supply import Supply
from campaigns.delivery.wires.switchboard import Switchboard
from campaigns.models import RecipientDomain, Transport

logger = logging.getLogger(__name__)

# A lane waits that long for the next token; for later ones it is called again.
PATIENCE_SECONDS = 2.0
SHORTEST_WAIT_SECONDS = 0.005
# How often it renews its lease and looks what staff changed.
KEEP_SECONDS = 2.0
# How long it stands by until it looks by itself, and how often meanwhile whether it shall end.
LINGER_SECONDS = 1.0
GLANCE_SECONDS = 0.2
# After a server was not available, before it is asked again.
REST_SECONDS = 30
# Mails in a row that vanished after they were put on a wire, before the server is left alone.
MOST_UNKNOWN = 2


@dataclass
class Lane:
    transport: Transport
    owner: str
    switchboard: Switchboard
    lines: list[Line]
    supply: Supply
    # Stands by when there is nothing to do, since mail of the application may come at any moment.
    lingers: bool = False
    tried: list[Tried] = field(default_factory=list)
    domains: dict[str, RecipientDomain] = field(default_factory=dict)
    vanished: int = 0
    is_halted: bool = False
    kept_at: float = 0.0

    def run(self) -> None:
        end = time.monotonic() + settings.LANE_SECONDS
        try:
            while time.monotonic() < end and insist(self._may_go_on, reads=True):
                self._hand_over(self._next_mails())
                if not self._wait():
                    break
            self._finish_wires()
        except Lost:
            logger.warning("The lease of a lane ran out; what it knows is still written down.")
        finally:
            self._write_down()
            self.supply.ear.close()

    def _may_go_on(self) -> bool:
        if self.is_halted or drain.requested():
            return False
        if time.monotonic() < self.kept_at + KEEP_SECONDS:
            return True
        self._keep()
        ways = {way.pk: way for way in pace.open_ways()}
        self.transport = ways.get(self.transport.pk, self.transport)
        return self.transport.pk in ways

    def _keep(self) -> None:
        insist(lambda: slots.keep(self.owner, len(self.lines)))
        self._watch_domains()
        self.supply.refresh()
        self.kept_at = time.monotonic()

    def _watch_domains(self) -> None:
        self.domains = {domain.name: domain for domain in RecipientDomain.objects.watched()}

    def _next_mails(self) -> list[tuple[Mail, Feed]]:
        """As many as the idle wires take."""
        if not self.tried:
            self.supply.put_back_done()
        found = self.supply.next_mails(settings.HAND_OVER * len(self._idle()), is_busy=self._is_busy())
        # After a rewind a feed meets again what the rows do not know of yet.
        told = {tried.mail.number for tried in self.tried}
        return [(mail, feed) for mail, feed in found if mail.number not in told]

    def _hand_over(self, mails: list[tuple[Mail, Feed]]) -> None:
        """Write down what is known and put these mails on the idle wires, in one commit."""
        idle = self._idle()
        if not mails and not self.tried and not any(line.keys for line in idle):
            return
        feeds, unwanted = making.sort(mails)
        made: list[Made] = []

        def compose() -> None:
            made[:] = made or [making.compose(feeds)]

        read_at = time.monotonic()
        until = read_at + settings.LEASE_SECONDS
        try:
            admitted = None if unwanted else self._hand_over_at_once(feeds, idle, compose)
        except (OperationalError, InterfaceError):
            # Perhaps it was written and nobody heard of it; the other way writes nothing twice.
            connection.close()
            admitted, read_at = None, -float("inf")
        compose()
        ((messages, failed),) = made
        if admitted is None:
            self.tried, failed = [*self.tried, *failed], []
            feeds = making.only(messages, feeds)
            admitted = insist(lambda: self._commit(feeds, unwanted, idle, read_at))
        tried, self.tried = [*self.tried, *failed], []
        for feed, its_mails in feeds.items():
            feed.obey(admitted.get(feed, Admitted([], refused=its_mails)))
        for line, (window, keys) in zip(idle, dealt(admitted, len(idle)), strict=True):
            line.keys, line.unused, line.is_taken = keys, set(), bool(window)
            self._put_on(line, {number: one for number, one in window.items() if number in messages}, messages, until)
        if failed:
            insist(lambda: ledger.record(failed, self.transport.pk, self.domains))
        insist(partial(brake.look_at, tried), reads=True)

    def _commit(
        self, feeds: dict[Feed, list[Mail]], unwanted: dict[int, str], idle: list[Line], read_at: float
    ) -> dict[Feed, Admitted]:
        ledger.skip(unwanted)
        ledger.record(self.tried, self.transport.pk, self.domains)
        if any(tried.outcome.slows_domain for tried in self.tried):
            self._watch_domains()
        # Limits last: their rows are shared with all lanes.
        # If the database was away, staff and readers may have changed their minds since these were read.
        is_fresh = time.monotonic() < read_at + KEEP_SECONDS
        admitted = self._admit(self._going(feeds) if is_fresh else {}, idle)
        if told := changed(idle, dealt(admitted, len(idle))):
            slots.put_on_wire(self.owner, told)
        else:
            # What a lane knows that lost its slots is written in another way.
            slots.keep(self.owner, len(self.lines))
        return admitted

    def _hand_over_at_once(
        self, feeds: dict[Feed, list[Mail]], idle: list[Line], compose: Callable[[], None]
    ) -> dict[Feed, Admitted] | None:
        """The usual round, in one statement, while which the mails are composed; None if this is another one.

        A mail that then cannot be composed stands in a window for a moment, but never comes on a wire.
        """
        is_usual = connection.vendor == "postgresql" and all(one.outcome.kind == Kind.ACCEPTED for one in self.tried)
        if not is_usual or not limits.are_free(*self._asked(feeds, idle)):
            return None
        if not all(feed.desk.is_ready_for(mails) for feed, mails in feeds.items()):
            return None
        admitted = self._admit(feeds, idle)
        if not (told := changed(idle, dealt(admitted, len(idle)))):
            return None
        pulse.beat()
        ledger.record_and_hand_over(self.tried, self.transport.pk, self.owner, told, meanwhile=compose)
        return admitted

    def _asked(self, feeds: dict[Feed, list[Mail]], idle: list[Line]) -> tuple[list[Asked], Domains, Ended]:
        ended = Ended()
        for line in idle:
            ended.add(line.keys, line.unused)
        return [feed.asked(mails, self.transport) for feed, mails in feeds.items()], self.domains, ended

    def _admit(self, feeds: dict[Feed, list[Mail]], idle: list[Line]) -> dict[Feed, Admitted]:
        return dict(zip(feeds, limits.admit(*self._asked(feeds, idle)), strict=True))

    def _going(self, feeds: dict[Feed, list[Mail]]) -> dict[Feed, list[Mail]]:
        """Without those that pause because of what was just written."""
        if not any(tried.outcome.kind in brake.HARMFUL for tried in self.tried):
            return feeds
        return {feed: mails for feed, mails in feeds.items() if feed.is_going}

    def _put_on(self, line: Line, window: Window, messages: dict[int, EmailMessage], until: float) -> None:
        line.window = window
        for number, (_mail, feed) in window.items():
            feed.on_wire.add(number)
        if window:
            # What is begun after the lease ends may be somebody else's by then.
            line.wire.begin([parcel(messages[number], number) for number in window], until)

    def _idle(self) -> list[Line]:
        """Those of which everything is collected; while the database was asked, others may have come to their end."""
        return [line for line in self.lines if line.wire.is_idle and not line.window]

    def _is_busy(self) -> bool:
        return any(line.window for line in self.lines)

    def _wait(self) -> bool:
        """Until a wire is idle, or the next token comes soon; False if neither will happen."""
        if self._is_busy():
            self._wait_for_idle()
            return True
        return not self.is_halted and self._wait_for_token()

    def _wait_for_idle(self) -> None:
        """Until a wire can take the next window, or it is time to renew the lease."""
        end = self.kept_at + KEEP_SECONDS
        while True:
            self.switchboard.wait(KEEP_SECONDS)
            self._collect()
            if self._idle() or time.monotonic() > end:
                return

    def _collect(self) -> None:
        for line in self.lines:
            for number, outcome, tried_at in line.wire.outcomes():
                mail, feed = line.window.pop(number)
                feed.on_wire.discard(number)
                self.tried.append(Tried(mail, outcome, tried_at))
                self._look_at(mail, outcome)
            if line.wire.is_idle:
                self._rewind(line)

    def _rewind(self, line: Line) -> None:
        """Mails that were not begun wait again."""
        for number, (_mail, feed) in line.window.items():
            feed.on_wire.discard(number)
            feed.rewind([number])
        line.unused |= line.window.keys()
        line.window = {}

    def _look_at(self, mail: Mail, outcome: Outcome) -> None:
        self.vanished = self.vanished + 1 if outcome.kind == Kind.UNKNOWN else 0
        if outcome.kind == Kind.ACCEPTED and self.transport.strikes:
            insist(self.transport.recover)
        # No campaign that could pause stands between the mails of the application and a server that wants none.
        is_shut = outcome.kind == Kind.REJECTED and mail.copy_of and not outcome.names_recipient
        if outcome.kind == Kind.UNAVAILABLE or is_shut or self.vanished >= MOST_UNKNOWN:
            insist(lambda: self.transport.rest(outcome.answer, REST_SECONDS))
            self.is_halted = True

    def _wait_for_token(self) -> bool:
        """False if nothing is due soon, so that the lane may end and be called again."""
        seconds = self.supply.opens_at() - time.monotonic()
        if seconds <= PATIENCE_SECONDS:
            self.switchboard.wait(max(seconds, SHORTEST_WAIT_SECONDS))
            return True
        # One last look, at those that have become due since.
        return (not self.supply.feeds and self.supply.claim() is not None) or self._linger()

    def _linger(self) -> bool:
        """A while, or until somebody rings; False if another lane stands by."""
        if not (self.lingers and self.supply.ear.is_open):
            return False
        if not insist(lambda: slots.is_first(self.transport, self.owner), reads=True):
            return False
        # Another way may be open for what waits here.
        self.supply.put_back([*self.supply.feeds])
        end = time.monotonic() + LINGER_SECONDS
        while not (self.supply.ear.has_heard or drain.requested()) and time.monotonic() < end:
            pulse.beat()
            self.switchboard.wait(GLANCE_SECONDS)
        return True

    def _finish_wires(self) -> None:
        while self._is_busy():
            self.switchboard.wait(KEEP_SECONDS)
            self._collect()
            if time.monotonic() > self.kept_at + KEEP_SECONDS:
                self._keep()

    def _write_down(self) -> None:
        """Whatever happened: what became of the mails on the wires, and the rest of the batches for others."""
        while self._is_busy():
            pulse.beat()
            self.switchboard.wait(KEEP_SECONDS)
            self._collect()
        insist(lambda: ledger.record_late(self.tried, self.transport.pk, self.domains))
        insist(partial(brake.look_at, self.tried), reads=True)
        self.tried.clear()
        # A batch with a mail still on a wire is left to the sweeper, which names it.
        self.supply.put_back([feed for feed in self.supply.feeds if not feed.on_wire])
