"""Reports of mailbox providers that a reader called a mail spam (RFC 5965)."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from campaigns.feedback import record
from subscribers.consent.flows import Evidence
from subscribers.models import ConsentRecord

from .anatomy import Piece, fields
from .bounces import fields_of
from .finding import by_returned
from .receipt import Kind, Receipt, ignored

REPORT: Final = "message/feedback-report"
# Other reports are about forgeries of our name, or say that a mail was no spam after all.
COMPLAINTS: Final = frozenset({"abuse", "fraud", "virus", "opt-out", "opt-out-list"})


def understood(report: Piece, original: Piece | None) -> Receipt:
    said = fields(report.content().strip())
    if said.get("feedback-type", "").lower() not in COMPLAINTS:
        return ignored(_("A provider reports something that is no complaint."))
    letter = by_returned(fields_of(original), said.get("original-rcpt-to", "")) if original else None
    if letter is None:
        return ignored(_("Somebody complained, but nothing proves that the mail was ours."))
    if letter.delivery is None:
        return ignored(_("Somebody complained about a mail of which nothing is known any more, or which was a test."))
    statement = _("Called the mail spam, as their mail provider reports.")
    record.complained(letter, Evidence(source=ConsentRecord.Source.MAIL, statement=statement))
    return Receipt(Kind.COMPLAINED, _("A reader called a mail spam, has left, and is never mailed again."))
