"""Reads batches from the first mail to the last, and knows what of them is still out."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from datetime import datetime
from math import log2
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage

from campaigns import pace
from campaigns.delivery import batches
from campaigns.delivery.desk import Desk, Mail
from campaigns.delivery.limits import Admitted, Asked
from campaigns.delivery.replies import Outcome
from campaigns.models import Batch, Campaign, Transport

# More than all wires of a lane take at once.
MOST = 2**16


class Composing(Protocol):
    """Who makes the messages."""

    def compose(self, mail: Mail) -> EmailMessage | Outcome: ...

    def is_ready_for(self, mails: Sequence[Mail]) -> bool:
        """Whether it composes all of these without asking the database."""
        ...

    def why_unwanted(self, mails: list[Mail]) -> dict[int, str]: ...


class Feed(ABC):
    """What a lane has in its hands. Give it back only when nothing of it is on a wire."""

    desk: Composing

    def __init__(self) -> None:
        self.is_dry = False
        # By a limit, until that time.monotonic().
        self.blocked_until = 0.0
        # To read at once.
        self.most = MOST
        self.on_wire: set[int] = set()
        # What must wait for its domain, not for us.
        self.later: dict[int, datetime] = {}

    @abstractmethod
    def asked(self, mails: Sequence[Mail], transport: Transport) -> Asked:
        """Whose limits count these."""

    @abstractmethod
    def read(self, room: int) -> list[Mail]:
        """The next mails; at least as many as one wire takes, if there are so many. Some may be unwanted."""

    @abstractmethod
    def rewind(self, numbers: Iterable[int]) -> None:
        """Read these once more: they were neither sent nor put on a wire."""

    @abstractmethod
    def put_back(self, owner: str) -> None:
        """For others, or for later."""

    @abstractmethod
    def refresh(self) -> None:
        """See what staff changed."""

    def obey(self, limits: Admitted) -> None:
        self.later |= limits.later
        self.rewind(mail.number for mail in limits.refused)
        self.blocked_until = time.monotonic() + limits.blocked_for
        # What was read and may not leave was read in vain, so a narrow limit is felt for from below.
        self.most = max(1, len(limits.mails)) if limits.refused else min(2 * self.most, MOST)

    @property
    def is_going(self) -> bool:
        """Whether anything of it may leave, by what the database says now."""
        return True

    @property
    def is_readable(self) -> bool:
        return not self.is_dry and time.monotonic() >= self.blocked_until

    def is_news(self, mail: Mail) -> bool:
        """After a rewind it meets mails again."""
        return mail.number not in self.on_wire and mail.number not in self.later


class CampaignFeed(Feed):
    """One batch of a campaign."""

    def __init__(self, batch: Batch, desk: Desk) -> None:
        super().__init__()
        self.batch = batch
        self.desk: Desk = desk
        self.read_to = 0

    def asked(self, mails: Sequence[Mail], transport: Transport) -> Asked:
        return Asked(mails, [transport, self.desk.campaign], self.batch.domain)

    def read(self, room: int) -> list[Mail]:
        # Twice, four times … what one wire takes: each number is a statement of its own, so they must be few.
        most = settings.HAND_OVER * 2 ** int(log2(max(1, min(room, self.most) / settings.HAND_OVER)))
        found = self.desk.waiting(self.batch.pk, self.read_to, most)
        self.is_dry = len(found) < most
        if len(found) > self.most:
            self.is_dry, found = False, found[: self.most]
        if found:
            self.read_to = found[-1].number
        return [mail for mail in found if self.is_news(mail)]

    def rewind(self, numbers: Iterable[int]) -> None:
        first = min(numbers, default=None)
        if first is not None and first <= self.read_to:
            self.read_to, self.is_dry = first - 1, False

    @property
    def is_going(self) -> bool:
        return Campaign.objects.sending().filter(pk=self.desk.campaign.pk).exists()

    def refresh(self) -> None:
        self.desk.campaign.refresh_from_db(fields=pace.LIMITS)

    def put_back(self, owner: str) -> None:
        batches.put_back(self.batch, owner, self.later.items())
