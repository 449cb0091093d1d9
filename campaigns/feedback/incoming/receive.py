"""Does what a mail that came in says, and answers nobody."""

from __future__ import annotations

import logging

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

from campaigns.models import Inbox
from campaigns.models.inbox import PIPE

from . import bounces, complaints, leaving
from .anatomy import Piece, pieces, take_apart
from .receipt import Receipt, ignored

logger = logging.getLogger(__name__)


def receive(octets: bytes) -> Receipt:
    """Whatever the octets are, and however often they come. Raises only what says that the database is away."""
    try:
        return _understood(take_apart(octets))
    except (InterfaceError, OperationalError):
        raise
    except Exception:
        logger.exception("A mail that came in cannot be understood.")
        return ignored(_("It cannot be understood."))


def receive_from_pipe(octets: bytes) -> Receipt:
    """Likewise, and counted beside what workers read, for staff to see."""
    receipt = receive(octets)
    Inbox.objects.get_or_create(name=PIPE)[0].count(receipt.kind)
    return receipt


def _understood(mail: Piece) -> Receipt:
    parts = {piece.kind: piece for piece in reversed(list(pieces(mail)))}
    original = next((parts[kind] for kind in parts if kind in bounces.ORIGINAL_KINDS), None)
    if report := parts.get(complaints.REPORT):
        return complaints.understood(report, original)
    if status := next((parts[kind] for kind in parts if kind in bounces.STATUS_KINDS), None):
        return bounces.understood(status, original)
    if is_automatic_reply(mail):
        return ignored(_("A program answered for its owner."))
    if letter := leaving.wish_in(mail):
        return leaving.understood(letter)
    return ignored(_("It is no wish to leave, no bounce and no complaint."))


def is_automatic_reply(mail: Piece) -> bool:
    """RFC 3834, and what programs wrote before. What is only *generated* may well be a wish: programs leave for us."""
    answered = mail.headers.get("auto-submitted", "").lower().startswith("auto-replied")
    precedence = mail.headers.get("precedence", "").lower()
    return answered or precedence in {"auto_reply", "auto-reply"} or "x-autoreply" in mail.headers
