"""A lane: one process that feeds several connections for a while, window by window.

Each round is one commit: the outcomes of what finished, and what goes on the wire next. A wire gets its next
window only after the outcomes of its last one are written. So whenever the process dies, only the mails that
stand in the windows of its slots can be in doubt.
"""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from django.conf import settings
from django.utils import timezone

from campaigns import pace
from campaigns.composition.message import CampaignMessage
from campaigns.delivery import batches, drain, ledger, limits, slots
from campaigns.delivery.batches import first_due
from campaigns.delivery.desk import Desk, Mail
from campaigns.delivery.feed import Feed
from campaigns.delivery.insist import insist
from campaigns.delivery.ledger import Tried
from campaigns.delivery.limits import Admitted, Ended, Keys
from campaigns.delivery.replies import Kind, Outcome
from campaigns.delivery.slots import Lost
from campaigns.delivery.transports import REST_SECONDS
from campaigns.delivery.wires.parcel import Parcel, Wire
from campaigns.delivery.wires.switchboard import Switchboard
from campaigns.models import Batch, Campaign, RecipientDomain, Slot, Transport

logger = logging.getLogger(__name__)

# A lane waits that long for the next token; for later ones it is called again.
PATIENCE_SECONDS = 2.0
SHORTEST_WAIT_SECONDS = 0.005
# How often it renews its lease and looks what staff changed.
KEEP_SECONDS = 2.0
# How often it looks for batches while it has none to read and wires are still at work.
LOOK_SECONDS = 0.2
# Mails in a row that vanished after they were put on a wire, before the server is left alone.
MOST_UNKNOWN = 2
NO_HURRY = float("inf")

Window: TypeAlias = dict[int, tuple[Mail, Feed]]


@dataclass(eq=False)
class Line:
    """A slot, its connection, and the mails that are on it."""

    slot: Slot
    wire: Wire
    window: Window = field(default_factory=dict)
    # By mail, the limits that count it until the next window is written; and which of them never left.
    keys: dict[int, Keys] = field(default_factory=dict)
    unused: set[int] = field(default_factory=set)


@dataclass
class Lane:
    transport: Transport
    owner: str
    switchboard: Switchboard
    lines: list[Line]
    feeds: list[Feed] = field(default_factory=list)
    desks: dict[int, Desk] = field(default_factory=dict)
    tried: list[Tried] = field(default_factory=list)
    domains: dict[str, RecipientDomain] = field(default_factory=dict)
    served: dict[int, float] = field(default_factory=dict)
    vanished: int = 0
    is_halted: bool = False
    kept_at: float = 0.0
    looked_at: float = 0.0

    def run(self) -> None:
        end = time.monotonic() + settings.LANE_SECONDS
        try:
            while time.monotonic() < end and self._may_go_on():
                self._hand_over(self._next_mails())
                if not self._wait():
                    break
            self._finish_wires()
        except Lost:
            logger.warning("The lease of a lane ran out; what it knows is still written down.")
        finally:
            self._write_down()

    # What goes next.

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
        self.domains = {domain.name: domain for domain in RecipientDomain.objects.watched()}
        for feed in self.feeds:
            feed.desk.campaign.refresh_from_db(fields=pace.LIMITS)
        self.kept_at = time.monotonic()

    def _next_mails(self) -> list[tuple[Mail, Feed]]:
        """As many as the idle wires take."""
        room = settings.HAND_OVER * len(self._idle())
        found: list[tuple[Mail, Feed]] = []
        self._put_back_done()
        while len(found) + settings.HAND_OVER <= room:
            feed = next((feed for feed in self.feeds if feed.is_readable), None) or self._claim()
            if feed is None:
                break
            found += [(mail, feed) for mail in feed.read()]
        return found

    def _claim(self) -> Feed | None:
        if any(line.window for line in self.lines) and time.monotonic() < self.looked_at + LOOK_SECONDS:
            return None
        self.looked_at = time.monotonic()
        # In turn, so that a big campaign does not keep a small one waiting.
        for campaign in sorted(batches.with_due_mail(), key=lambda one: (self.served.get(one.pk, 0), one.pk)):
            if pace.token_at(campaign, timezone.now()) > timezone.now():
                continue
            batch = insist(lambda one=campaign: batches.claim(one, self.owner))  # type: ignore[misc]
            if batch:
                self.served[campaign.pk] = time.monotonic()
                self.feeds.append(Feed(batch, self._desk(campaign)))
                return self.feeds[-1]
        return None

    def _desk(self, campaign: Campaign) -> Desk:
        if campaign.pk not in self.desks:
            lists = Campaign.objects.select_related("sender").prefetch_related("mailing_lists", "excluded_lists")
            self.desks[campaign.pk] = Desk(lists.get(pk=campaign.pk))
        return self.desks[campaign.pk]

    def _put_back_done(self) -> None:
        """What was read to its end and is on no wire any more. Its outcomes must be written."""
        done = [feed for feed in self.feeds if feed.is_dry and not feed.on_wire]
        if done and not self.tried:
            self._put_back(done)

    def _put_back(self, feeds: Sequence[Feed]) -> None:
        for feed in feeds:
            insist(lambda one=feed: one.put_back(self.owner))  # type: ignore[misc]
            self.feeds.remove(feed)

    # One round.

    def _hand_over(self, mails: list[tuple[Mail, Feed]]) -> None:
        """Write down what is known and put these mails on the idle wires, in one commit."""
        idle = self._idle()
        if not mails and not self.tried and not any(line.keys for line in idle):
            return
        messages, unwanted = self._compose(mails)
        feeds: dict[Feed, list[Mail]] = {}
        for mail, feed in mails:
            if mail.number in messages:
                feeds.setdefault(feed, []).append(mail)

        def commit() -> dict[Feed, Admitted]:
            ledger.skip(unwanted)
            ledger.record(self.tried, self.transport.pk)
            # Limits last: their rows are shared with all lanes.
            admitted = self._admit(feeds, idle)
            windows = dealt(admitted, len(idle))
            written = [(json.dumps([*window]), json.dumps(Counter(chain(*keys.values())))) for window, keys in windows]
            slots.put_on_wire(self.owner, {line.slot.pk: its for line, its in zip(idle, written, strict=True)})
            return admitted

        until = time.monotonic() + settings.LEASE_SECONDS
        admitted = insist(commit)
        self.tried.clear()
        for feed, its in admitted.items():
            feed.obey(its)
        for line, (window, keys) in zip(idle, dealt(admitted, len(idle)), strict=True):
            self._put_on(line, window, messages, until)
            line.keys, line.unused = keys, set()

    def _compose(self, mails: list[tuple[Mail, Feed]]) -> tuple[dict[int, CampaignMessage], dict[int, str]]:
        """The messages, and of whom nobody is mailed why not, by mail."""
        messages: dict[int, CampaignMessage] = {}
        unwanted: dict[Feed, list[Mail]] = {}
        for mail, feed in mails:
            if not mail.is_wanted:
                unwanted.setdefault(feed, []).append(mail)
                continue
            made = feed.desk.compose(mail)
            if isinstance(made, Outcome):
                self.tried.append(Tried(mail, made, timezone.now()))
            else:
                messages[mail.number] = made
        reasons = [feed.desk.why_unwanted(its) for feed, its in unwanted.items()]
        return messages, {number: reason for its in reasons for number, reason in its.items()}

    def _admit(self, feeds: dict[Feed, list[Mail]], idle: list[Line]) -> dict[Feed, Admitted]:
        ended = Ended()
        for line in idle:
            ended.add(line.keys, line.unused)
        asked = [feed.asked(mails, self.transport) for feed, mails in feeds.items()]
        return dict(zip(feeds, limits.admit(asked, self.domains, ended), strict=True))

    def _put_on(self, line: Line, window: Window, messages: dict[int, CampaignMessage], until: float) -> None:
        line.window = window
        for number, (_mail, feed) in window.items():
            feed.on_wire.add(number)
        if window:
            # What is begun after the lease ends may be somebody else's by then.
            line.wire.begin([parcel(messages[number], number) for number in window], until)

    # What came back.

    def _idle(self) -> list[Line]:
        return [line for line in self.lines if line.wire.is_idle]

    def _wait(self) -> bool:
        """Until a wire is idle, or the next token comes soon; False if neither will happen."""
        if any(line.window for line in self.lines):
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
                self._look_at(outcome)
            if line.wire.is_idle:
                self._rewind(line)

    def _rewind(self, line: Line) -> None:
        """Mails that were not begun wait again."""
        for number, (_mail, feed) in line.window.items():
            feed.on_wire.discard(number)
            feed.rewind([number])
        line.unused |= line.window.keys()
        line.window = {}

    def _look_at(self, outcome: Outcome) -> None:
        self.vanished = self.vanished + 1 if outcome.kind == Kind.UNKNOWN else 0
        if outcome.kind == Kind.UNAVAILABLE or self.vanished >= MOST_UNKNOWN:
            insist(lambda: self.transport.rest(outcome.answer, REST_SECONDS))
            self.is_halted = True

    def _wait_for_token(self) -> bool:
        """False if nothing is due soon, so that the lane may end and be called again."""
        opens = [feed.blocked_until - time.monotonic() for feed in self.feeds if not feed.is_dry]
        seconds = min(opens, default=NO_HURRY)
        if seconds <= PATIENCE_SECONDS:
            time.sleep(max(seconds, SHORTEST_WAIT_SECONDS))
            return True
        # One last look, at those that have become due since.
        return not self.feeds and self._claim() is not None

    # The end.

    def _finish_wires(self) -> None:
        while any(line.window for line in self.lines):
            self.switchboard.wait(KEEP_SECONDS)
            self._collect()
            if time.monotonic() > self.kept_at + KEEP_SECONDS:
                self._keep()

    def _write_down(self) -> None:
        """Whatever happened: the outcomes that are known, and the rest of the batches for others."""
        self._collect()
        insist(lambda: ledger.record(self.tried, self.transport.pk))
        late = {tried.mail.number for tried in self.tried}
        if late:
            told = Batch.objects.filter(deliveries__in=late, owner="")
            insist(lambda: told.update(due_at=first_due()))
        self.tried.clear()
        # A batch with a mail still on a wire is left to the sweeper, which names it.
        self._put_back([feed for feed in self.feeds if not feed.on_wire])


def dealt(admitted: dict[Feed, Admitted], wires: int) -> list[tuple[Window, dict[int, Keys]]]:
    """As evenly as possible, so that a few mails do not wait for each other on one wire; with what counts them."""
    keys = {number: its for each in admitted.values() for number, its in each.keys.items()}
    mails = [(mail.number, (mail, feed)) for feed, its in admitted.items() for mail in its.mails]
    size = min(settings.HAND_OVER, -(-len(mails) // wires)) if wires and mails else 1
    windows = [dict(mails[start : start + size]) for start in range(0, size * wires, size)]
    return [(window, {number: keys[number] for number in window.keys() & keys.keys()}) for window in windows]


def parcel(message: CampaignMessage, number: int) -> Parcel:
    return Parcel(number, message.from_email, message.to[0], message)
