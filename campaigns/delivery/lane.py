"""A lane: one connection that sends for a while, group by group.

One commit writes the outcomes of a group and hands the next one over. So whenever the process dies, only the
mails of one group can be in doubt, and the rows say which.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils import timezone

from campaigns import pace
from campaigns.composition.message import CampaignMessage, CannotCompose, Composer
from campaigns.delivery import claims, drain, ledger, slots
from campaigns.delivery.claims import HandOver
from campaigns.delivery.insist import insist
from campaigns.delivery.ledger import Tried
from campaigns.delivery.replies import Kind, Outcome
from campaigns.delivery.transports import REST_SECONDS, Connection
from campaigns.models import Campaign, Delivery, Edition, Slot, Transport

logger = logging.getLogger(__name__)

# A lane waits that long for the next token; for later ones it is called again.
PATIENCE_SECONDS = 2.0
SHORTEST_WAIT_SECONDS = 0.2
KEEP_SECONDS = 5.0
# Mails in a row that vanished after they were handed over, before the server is left alone.
MOST_UNKNOWN = 2


class Desk:
    """What one campaign needs for each of its mails, fetched once."""

    def __init__(self, campaign: Campaign, owner: str) -> None:
        self.campaign = campaign
        self.hand_over = HandOver(campaign, owner)
        self.composer = Composer(campaign)
        self.editions: dict[str, Edition] = {edition.language: edition for edition in campaign.editions.all()}

    def compose(self, delivery: Delivery) -> CampaignMessage | Outcome:
        try:
            return self.composer.compose(delivery)
        except CannotCompose as error:
            return Outcome(Kind.INVALID, answer=str(error))
        except Exception as error:
            # Whatever is wrong with the mail of one person must not stop the others.
            logger.exception("Delivery %s cannot be composed.", delivery.pk)
            return Outcome(Kind.INVALID, answer=f"{type(error).__name__}: {error}")


@dataclass
class Lane:
    transport: Transport
    slot: Slot
    owner: str
    connection: Connection
    desks: dict[int, Desk] = field(default_factory=dict)
    tried: list[Tried] = field(default_factory=list)
    on_wire: int | None = None
    vanished: int = 0
    is_halted: bool = False
    last_served: int = 0
    kept_at: float = 0.0

    def run(self) -> None:
        end = time.monotonic() + settings.LANE_SECONDS
        while time.monotonic() < end and self._may_go_on():
            waiting = list(claims.with_due_mail())
            # In turn, so that a big campaign does not keep a small one waiting.
            in_turn = sorted(waiting, key=lambda campaign: (campaign.pk <= self.last_served, campaign.pk))
            if not any(self._serve(campaign) for campaign in in_turn) and not self._wait(waiting):
                return

    def _may_go_on(self) -> bool:
        if self.is_halted or drain.requested() or not self._keep_slot():
            return False
        ways = {way.pk: way for way in pace.open_ways()}
        # As it is now: staff may have changed its limit.
        self.transport = ways.get(self.transport.pk, self.transport)
        return self.transport.pk in ways

    def _keep_slot(self) -> bool:
        if not self.is_halted and time.monotonic() > self.kept_at + KEEP_SECONDS:
            self.is_halted = not insist(lambda: slots.keep(self.slot, self.owner))
            self.kept_at = time.monotonic()
        return not self.is_halted

    def _wait(self, campaigns: Sequence[Campaign]) -> bool:
        """For the next token if it comes soon; False if it does not, or nothing is due."""
        now = timezone.now()
        way_opens = pace.way_opens_at(self.transport, now)
        opens = [max(pace.token_at(campaign, now), way_opens) for campaign in campaigns]
        if not opens or (seconds := (min(opens) - now).total_seconds()) > PATIENCE_SECONDS:
            return False
        time.sleep(max(seconds, SHORTEST_WAIT_SECONDS))
        return True

    def _serve(self, campaign: Campaign) -> bool:
        """Claim and send one batch of a campaign; False if nothing could be claimed."""
        desk = self.desks.get(campaign.pk) or self._open_desk(campaign.pk)
        desk.campaign.limit_per_hour = campaign.limit_per_hour
        taken_at = time.monotonic()
        numbers = insist(lambda: claims.claim(desk.campaign, self.transport, self.owner, settings.SEND_BATCH))
        if not numbers:
            return False
        self.last_served = campaign.pk
        try:
            self._send(desk, insist(lambda: claims.load(desk.campaign, numbers, desk.editions)), taken_at)
        finally:
            insist(lambda: self._put_back(numbers))
            self.tried = []
        return True

    def _open_desk(self, number: int) -> Desk:
        lists = Campaign.objects.select_related("sender").prefetch_related("mailing_lists", "excluded_lists")
        self.desks[number] = Desk(lists.get(pk=number), self.owner)
        return self.desks[number]

    def _send(self, desk: Desk, waiting: list[Delivery], taken_at: float) -> None:
        # Half of the hold for waiting here, the other half for the wire: a token is used in time or never.
        end = taken_at + settings.TOKEN_HOLD_SECONDS / 2
        for start in range(0, len(waiting), settings.HAND_OVER):
            if time.monotonic() > end or drain.requested() or not self._keep_slot():
                return
            for delivery, message in self._hand_over(desk, waiting[start : start + settings.HAND_OVER]):
                if self.is_halted or time.monotonic() > end:
                    return
                self._transmit(delivery, message)

    def _hand_over(self, desk: Desk, group: list[Delivery]) -> list[tuple[Delivery, CampaignMessage]]:
        """Write down the last group and hand over this one, in one commit; returns what may be sent now."""
        composed = {delivery.pk: desk.compose(delivery) for delivery in group if delivery.subscriber}
        failed = {number: outcome for number, outcome in composed.items() if isinstance(outcome, Outcome)}
        invalid = [Tried(one, failed[one.pk], timezone.now()) for one in group if one.pk in failed]

        def commit() -> set[int]:
            ledger.record([*self.tried, *invalid], self.owner, self.transport)
            return desk.hand_over.of([one for one in group if one.pk not in failed])

        won = insist(commit)
        self.tried = []
        messages = ((delivery, composed[delivery.pk]) for delivery in group if delivery.pk in won)
        return [(delivery, message) for delivery, message in messages if isinstance(message, CampaignMessage)]

    def _transmit(self, delivery: Delivery, message: CampaignMessage) -> None:
        tried_at = timezone.now()
        self.on_wire = delivery.pk
        outcome = self.connection.send(message)
        self.tried.append(Tried(delivery, outcome, tried_at))
        self.on_wire = None
        self.vanished = self.vanished + 1 if outcome.kind == Kind.UNKNOWN else 0
        if outcome.kind == Kind.UNAVAILABLE or self.vanished >= MOST_UNKNOWN:
            insist(lambda: self.transport.rest(outcome.answer, REST_SECONDS))
        self.is_halted = outcome.kind in {Kind.UNAVAILABLE, Kind.REJECTED} or self.vanished >= MOST_UNKNOWN

    def _put_back(self, numbers: list[int]) -> None:
        """Write what is known; what was never tried waits again."""
        ledger.record(self.tried, self.owner, self.transport)
        # Their tokens are lost, at most a hundredth of the limit: given back late, they would let a second
        # burst into a window that has seen the first.
        claims.release(set(numbers) - {self.on_wire}, self.owner)
