"""Sends one message at once, outside any campaign: staff try what they wrote."""

from __future__ import annotations

from contextlib import closing

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from campaigns.delivery.replies import Kind, Outcome
from campaigns.delivery.wires.at_once import bare, deliver
from campaigns.delivery.wires.parcel import Parcel
from campaigns.delivery.wires.switchboard import Switchboard
from campaigns.models import Transport


def send_trial(message: EmailMultiAlternatives, transport: Transport | None = None) -> Outcome:
    """Through the best transport in service unless one is named. Spends no limit and writes no ledger."""
    way = transport or Transport.objects.in_service().first()
    if way is None:
        return Outcome(Kind.UNAVAILABLE, answer=_("No transport is in service."))
    if way.alias not in settings.MAILERS:
        return Outcome(Kind.UNAVAILABLE, answer=way.lacks_mailer())
    with closing(Switchboard(settings.MAILERS[way.alias], size=1)) as switchboard:
        (outcome,) = deliver(switchboard, [Parcel(0, bare(message.from_email), bare(message.to[0]), message)])
    return outcome
