"""Sends one message at once, outside any campaign: staff try what they wrote."""

from __future__ import annotations

from contextlib import closing

from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from campaigns.delivery.replies import Kind, Outcome
from campaigns.delivery.transports import connect
from campaigns.models import Transport


def send_trial(message: EmailMultiAlternatives, transport: Transport | None = None) -> Outcome:
    """Through the best transport in service unless one is named. Spends no limit and writes no ledger."""
    way = transport or Transport.objects.in_service().first()
    if way is None:
        return Outcome(Kind.UNAVAILABLE, answer=_("No transport is in service."))
    with closing(connect(way)) as connection:
        return connection.send(message)
