"""Reads a batch from its first mail to its last, and knows what of it is still out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings

from campaigns.delivery import batches
from campaigns.delivery.desk import Desk, Mail
from campaigns.delivery.limits import Admitted, Asked
from campaigns.models import Batch, Transport

# More than all wires of a lane take at once.
MOST = 2**16


class Feed:
    """A batch in a lane's hands. Give it back only when nothing of it is on a wire."""

    def __init__(self, batch: Batch, desk: Desk) -> None:
        self.batch = batch
        self.desk = desk
        self.is_dry = False
        # By a limit, until that time.monotonic().
        self.blocked_until = 0.0
        # To read at once.
        self.most = MOST
        self.read_to = 0
        self.on_wire: set[int] = set()
        # What must wait for its domain, not for us.
        self.later: dict[int, datetime] = {}

    def asked(self, mails: Sequence[Mail], transport: Transport) -> Asked:
        return Asked(mails, [transport, self.desk.campaign], self.batch.domain)

    def read(self) -> list[Mail]:
        """The next mails, as many as one wire takes or fewer. Some may be unwanted."""
        found = self.desk.waiting(self.batch.pk, self.read_to)
        self.is_dry = len(found) < settings.HAND_OVER
        if len(found) > self.most:
            self.is_dry, found = False, found[: self.most]
        if found:
            self.read_to = found[-1].number
        # After a rewind it meets mails again.
        return [mail for mail in found if mail.number not in self.on_wire and mail.number not in self.later]

    def rewind(self, numbers: Iterable[int]) -> None:
        """Read these once more: they were neither sent nor put on a wire."""
        first = min(numbers, default=None)
        if first is not None and first <= self.read_to:
            self.read_to, self.is_dry = first - 1, False

    def obey(self, limits: Admitted) -> None:
        self.later |= limits.later
        self.rewind(mail.number for mail in limits.refused)
        self.blocked_until = time.monotonic() + limits.blocked_for
        # What was read and may not leave was read in vain, so a narrow limit is felt for from below.
        self.most = max(1, len(limits.mails)) if limits.refused else min(2 * self.most, MOST)

    @property
    def is_readable(self) -> bool:
        return not self.is_dry and time.monotonic() >= self.blocked_until

    def put_back(self, owner: str) -> None:
        batches.put_back(self.batch, owner, self.later.items())
