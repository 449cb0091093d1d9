"""Reads the mailbox that INCOMING_MAIL names, one worker at a time, and remembers how far."""

from __future__ import annotations

import logging
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings

from campaigns.models import Inbox

from .imap import CannotRead, Folder, Refused, opened
from .receipt import Kind
from .receive import receive

# At once; then another worker goes on, and the lease is far from its end.
MOST: Final = 500
# So many mails one after the other that the server does not hand out: it is the server, not the mails.
MOST_REFUSED: Final = 3

logger = logging.getLogger(__name__)


@dataclass
class Reading:
    """What one look into the mailbox found, or why there was none."""

    counts: Counter[str] = field(default_factory=Counter)
    has_more: bool = False
    failure: str = ""


def is_due() -> bool:
    """Whoever gets True asks a worker to read."""
    return settings.INCOMING_MAIL is not None and inbox().call()


def read(*, seconds: float) -> Reading | None:
    """For about so long; None if somebody else is at it."""
    box, owner = inbox(), uuid.uuid4().hex
    if not box.take(owner):
        return None
    reading = Reading()
    try:
        with opened(options()) as folder:
            _read(folder, box, owner, reading, until=time.monotonic() + seconds)
    except CannotRead as error:
        reading.failure = str(error)
    box.leave(owner, failure=reading.failure, has_more=reading.has_more)
    return reading


def inbox() -> Inbox:
    return Inbox.objects.get_or_create(name=name())[0]


def name() -> str:
    """Without the password."""
    return "{user} · {host} · {folder}".format(**options())[:250]


def options() -> dict[str, Any]:
    assert settings.INCOMING_MAIL is not None
    return settings.INCOMING_MAIL


def _read(folder: Folder, box: Inbox, owner: str, reading: Reading, *, until: float) -> None:
    """Each mail is done, then marked, then counted: whatever ends us in between, it is done again and no harm is.

    One that the server refuses to hand out is tried again until it hands out a later one: it may be a wish to leave.
    """
    box.renumber(owner, folder.validity)
    box.refresh_from_db()
    refused: list[int] = []
    for number in folder.numbers_after(box.read_to):
        if time.monotonic() > until or reading.counts.total() >= MOST:
            reading.has_more = True
            return
        try:
            octets = folder.read(number)
        except Refused as refusal:
            reading.failure = str(refusal)
            refused.append(number)
            if len(refused) == MOST_REFUSED:
                return
            continue
        if refused:
            logger.warning("Mails %s are skipped, the server does not hand them out: %s", refused, reading.failure)
            refused, reading.failure = [], ""
        kind = receive(octets).kind if octets is not None else ""
        if kind and kind != Kind.IGNORED:
            # What is not for us stays new, lest people overlook it.
            folder.mark_read(number)
        if not box.advance(owner, number, kind):
            return
        reading.counts[kind] += 1
