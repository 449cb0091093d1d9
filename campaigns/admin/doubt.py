"""What staff decide about mails of which nobody knows whether they arrived."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext

from campaigns.delivery import ledger
from campaigns.models import Delivery
from campaigns.tasks import nudge

ARRIVED, AGAIN = "arrived", "again"


def decided(request: HttpRequest, mails: QuerySet[Delivery], decision: str) -> None:
    """Those among them that are not uncertain stay as they are."""
    numbers = mails.order_by().values("pk")
    if decision == ARRIVED:
        count = ledger.confirm_sent(numbers)
        said = ngettext("%(count)d mail counts as sent.", "%(count)d mails count as sent.", count)
    elif decision == AGAIN:
        count = ledger.send_again(numbers)
        said = ngettext("%(count)d mail is sent again.", "%(count)d mails are sent again.", count)
        nudge()
    else:
        return
    if count:
        messages.success(request, said % {"count": count})
    else:
        messages.warning(request, gettext("Nothing was done: no uncertain mail was chosen."))
