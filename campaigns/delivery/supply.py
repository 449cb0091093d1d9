"""The batches that a lane has in its hands, and where the next come from."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial

from django.conf import settings

from campaigns import pace
from campaigns.delivery import batches
from campaigns.delivery.desk import Desk, Mail
from campaigns.delivery.feed import CampaignFeed, Feed
from campaigns.delivery.insist import insist
from campaigns.delivery.post import Bundle, PostDesk
from campaigns.delivery.wakeup import Ear
from campaigns.models import Campaign, clock

# How often it looks for batches of campaigns while it has none to read and wires are still at work; and for mails of
# the application always, if nobody rings.
LOOK_SECONDS = 0.2
# Every so many rounds campaigns go first, so that they go on however many mails the application writes.
TURN = 8
# Of mails of the application at once.
LEAST = 16


class Supply:
    def __init__(self, owner: str, ear: Ear) -> None:
        self.owner = owner
        self.ear = ear
        self.feeds: list[Feed] = []
        # Under so narrow a limit that they are read once a round.
        self._narrow: set[Feed] = set()
        self._desks: dict[int, Desk] = {}
        self._served: dict[int, float] = {}
        self._rounds = 0
        self._looked_at = 0.0
        self._listened_at = 0.0

    def next_mails(self, room: int, *, is_busy: bool) -> list[tuple[Mail, Feed]]:
        """As many as that, or what there is."""
        found: list[tuple[Mail, Feed]] = []
        if room:
            self._rounds += 1
            self._look_for_post(room)
        is_their_turn = self._rounds % TURN == 0
        self._narrow.clear()
        while len(found) + settings.HAND_OVER <= room:
            feed = (self._of_campaign(is_busy) if is_their_turn else None) or self._next(is_busy)
            if feed is None:
                break
            some = settings.HAND_OVER if is_their_turn else room - len(found)
            is_their_turn = False
            if feed.most < settings.HAND_OVER:
                self._narrow.add(feed)
            found += [(mail, feed) for mail in feed.read(some)]
        return found

    def claim(self) -> Feed | None:
        """A batch of a campaign."""
        self._looked_at = time.monotonic()
        # In turn, so that a big campaign does not keep a small one waiting.
        closed = insist(pace.closed_domains, reads=True)
        waiting = insist(lambda: list(batches.with_due_mail(closed)), reads=True)
        blocked = self._blocked()
        for campaign in sorted(waiting, key=lambda one: (self._served.get(one.pk, 0), one.pk)):
            if campaign.pk in blocked:
                continue
            now = insist(clock.now, reads=True)
            if insist(partial(pace.token_at, campaign, now), reads=True) > now:
                continue
            desk = insist(partial(self._desk, campaign), reads=True)
            batch = insist(partial(batches.claim, campaign, self.owner, closed))
            if batch:
                self._served[campaign.pk] = time.monotonic()
                self.feeds.append(CampaignFeed(batch, desk))
                return self.feeds[-1]
        return None

    def refresh(self) -> None:
        insist(self.ear.open)
        for feed in self.feeds:
            feed.refresh()

    def opens_at(self) -> float:
        """When the first of those that limits block may go on, by time.monotonic()."""
        return min((feed.blocked_until for feed in self.feeds if not feed.is_dry), default=float("inf"))

    def put_back_done(self) -> None:
        """What was read to its end and is on no wire any more. Its outcomes must be written."""
        self.put_back([feed for feed in self.feeds if feed.is_dry and not feed.on_wire])

    def put_back(self, feeds: Sequence[Feed]) -> None:
        for feed in feeds:
            insist(lambda one=feed: one.put_back(self.owner))  # type: ignore[misc]
            self.feeds.remove(feed)

    def _next(self, is_busy: bool) -> Feed | None:
        return next(self._readable(), None) or self._look(is_busy)

    def _of_campaign(self, is_busy: bool) -> Feed | None:
        readable = (feed for feed in self._readable() if isinstance(feed, CampaignFeed))
        return next(readable, None) or self._look(is_busy)

    def _readable(self) -> Iterator[Feed]:
        return (feed for feed in self.feeds if feed.is_readable and feed not in self._narrow)

    def _look(self, is_busy: bool) -> Feed | None:
        """Not for what may hardly leave either."""
        if self._narrow or (is_busy and time.monotonic() < self._looked_at + LOOK_SECONDS):
            return None
        return self.claim()

    def _blocked(self) -> set[int]:
        """The campaigns of which another batch would have to wait like the one in our hands."""
        mine = (feed for feed in self.feeds if isinstance(feed, CampaignFeed) and not feed.batch.domain)
        return {feed.desk.campaign.pk for feed in mine if feed.blocked_until > time.monotonic()}

    def _look_for_post(self, room: int) -> None:
        """Mails of the application go before all others that are in our hands."""
        if any(isinstance(feed, Bundle) and not feed.is_dry for feed in self.feeds):
            return
        if not self.ear.has_heard and time.monotonic() < self._listened_at + LOOK_SECONDS:
            return
        is_called, self.ear.has_heard = self.ear.has_heard, False
        claimed = []
        if is_called or insist(batches.post_waits, reads=True):
            claimed = insist(lambda: batches.claim_post(self.owner, max(room, LEAST)))
        if claimed:
            self.feeds.insert(0, Bundle(claimed, PostDesk()))
        # There may be more.
        self._listened_at = 0.0 if claimed else time.monotonic()

    def _desk(self, campaign: Campaign) -> Desk:
        if campaign.pk not in self._desks:
            lists = Campaign.objects.select_related("sender").prefetch_related("mailing_lists", "excluded_lists")
            self._desks[campaign.pk] = Desk(lists.get(pk=campaign.pk))
        return self._desks[campaign.pk]
