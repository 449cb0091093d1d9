"""Wishes to leave that came by mail: the other way of List-Unsubscribe (RFC 2369)."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext as _

from campaigns.feedback import record
from campaigns.feedback.letter import Letter
from subscribers.consent.flows import Evidence
from subscribers.models import ConsentRecord

from .anatomy import Piece, pieces, words
from .finding import by_token
from .receipt import Kind, Receipt, ignored

# A line by itself: what somebody quotes or forwards stands behind a mark.
WISH: Final = re.compile(r"^[ \t]*unsubscribe-[a-z2-7]{20,80}[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
LONGEST_TEXT: Final = 20_000


def wish_in(mail: Piece) -> Letter | None:
    """Mail programs write what the address says into the subject; some put it into the text instead."""
    return by_token(words(mail.headers.get("subject", ""))) or by_token(_line(mail))


def understood(letter: Letter) -> Receipt:
    if letter.is_trial:
        return ignored(_("Somebody unsubscribed from a test mail, which changes nothing."))
    record.unsubscribed(letter, Evidence(source=ConsentRecord.Source.MAIL))
    return Receipt(Kind.UNSUBSCRIBED, _("A reader is unsubscribed."))


def _line(mail: Piece) -> str:
    text = next((piece.text()[:LONGEST_TEXT] for piece in pieces(mail) if piece.kind == "text/plain"), "")
    found = WISH.search(text)
    return found[0] if found else ""
