"""Tells staff what is in trouble, once for each time."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language_bidi

from campaigns.models import Campaign, Heartbeat, Inbox, Incident, Transport

logger = logging.getLogger(__name__)

# A transport that took no mail since its last rest is out of order until nobody has wanted it for so long.
CALM = timedelta(minutes=15)
# Longer than a restart takes.
SILENCE = timedelta(minutes=1)
# Servers are away for a while now and then, and what comes in waits there.
PATIENCE = timedelta(minutes=10)
BACKEND = "django.contrib.auth.backends.ModelBackend"
MAILS = {
    Incident.Kind.CAMPAIGN: "campaign_paused",
    Incident.Kind.TRANSPORT: "transport_out_of_order",
    Incident.Kind.CLUSTER: "cluster_silent",
    Incident.Kind.INBOX: "inbox_unreadable",
}


class Trouble(NamedTuple):
    key: str
    name: str
    reason: str


def watch() -> None:
    """Open incidents for new trouble, close those that are over, and tell staff what nobody told them yet."""
    found = {trouble.key: trouble for trouble in _troubles()}
    known = set(Incident.objects.open().values_list("key", flat=True))
    if over := known - found.keys():
        Incident.objects.open().filter(key__in=over).update(closed_at=timezone.now())
    fresh = [Incident(**trouble._asdict()) for key, trouble in found.items() if key not in known]
    # On another machine somebody may just have noticed the same.
    Incident.objects.bulk_create(fresh, ignore_conflicts=True)
    for incident in Incident.objects.untold():
        with transaction.atomic():
            if incident.tell():
                _mail(incident)


def page(incident: Incident) -> str:
    """Where staff do something about it."""
    match incident.kind:
        case Incident.Kind.CAMPAIGN:
            return reverse("admin:campaigns_campaign_progress", args=[incident.about])
        case Incident.Kind.TRANSPORT:
            return reverse("admin:campaigns_transport_change", args=[incident.about])
        case Incident.Kind.INBOX:
            return reverse("admin:campaigns_inbox_changelist")
    return reverse("admin:index") + "#workers-title"


def _troubles() -> Iterator[Trouble]:
    yield from _paused_campaigns()
    yield from _failing_transports()
    yield from _silent_clusters()
    yield from _unreadable_inboxes()


def _paused_campaigns() -> Iterator[Trouble]:
    for campaign in Campaign.objects.filter(status=Campaign.Status.PAUSED).exclude(pause_reason=""):
        yield Trouble(f"campaign:{campaign.pk}", campaign.name, campaign.pause_reason)


def _failing_transports() -> Iterator[Trouble]:
    struck = Transport.objects.filter(is_active=True, strikes__gt=0, resting_until__gt=timezone.now() - CALM)
    for transport in struck:
        yield Trouble(f"transport:{transport.pk}", transport.name, transport.rest_reason)


def _silent_clusters() -> Iterator[Trouble]:
    for heartbeat in Heartbeat.objects.filter(ticked_at__lt=Now() - SILENCE):
        yield Trouble(f"cluster:{heartbeat.name}", heartbeat.host, "")


def _unreadable_inboxes() -> Iterator[Trouble]:
    # One that nobody is asked to read any more is another in the settings by now.
    for inbox in Inbox.objects.filter(failing_since__lt=Now() - PATIENCE, due_at__gt=Now() - PATIENCE):
        yield Trouble(f"inbox:{inbox.pk}", inbox.name, inbox.failure)


def tell_unconfirmed(campaign: Campaign, reason: str) -> None:
    """Somebody scheduled it, and it will not leave; once the present transaction is committed."""
    address = reverse("admin:campaigns_campaign_change", args=[campaign.pk])
    transaction.on_commit(lambda: _send("campaign_unconfirmed", address, campaign=campaign, reason=reason))


def _mail(incident: Incident) -> None:
    _send(MAILS[incident.kind], page(incident), incident=incident)


def _send(name: str, address: str, **facts: Any) -> None:
    """To everybody who may send campaigns, in the language of the installation."""
    staff = get_user_model().objects.with_perm("campaigns.send_campaign", backend=BACKEND).exclude(email="")
    folder = f"email/{name}"
    with translation.override(settings.LANGUAGE_CODE):
        words = facts | {
            "address": settings.BASE_URL.rstrip("/") + address,
            "language": settings.LANGUAGE_CODE,
            "direction": "rtl" if get_language_bidi() else "ltr",
        }
        subject = " ".join(render_to_string(f"{folder}/subject.txt", words).split())
        text, html = (render_to_string(f"{folder}/body.{kind}", words) for kind in ("txt", "html"))
    for user in staff:
        # Answering machines shall not answer (RFC 3834).
        message = EmailMultiAlternatives(subject, text, to=[user.email], headers={"Auto-Submitted": "auto-generated"})
        message.attach_alternative(html, "text/html")
        try:
            message.send()
        except Exception:
            # The pages of the admin tell it too.
            logger.exception("Staff could not be told: %s", subject)
