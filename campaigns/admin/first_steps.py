"""What an empty installation lacks until its first campaign leaves."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, Sender
from subscribers.models import Subscriber


@dataclass(frozen=True)
class Step:
    title: Promise
    explanation: Promise
    button: Promise
    address: str
    is_done: bool
    is_next: bool = False


def first_steps() -> list[Step]:
    """Empty once a campaign has started."""
    if Campaign.objects.filter(started_at__isnull=False).exists():
        return []
    steps = [people(), sender(), campaign(), sending()]
    following = next(step for step in steps if not step.is_done)
    return [replace(step, is_next=step is following) for step in steps]


def people() -> Step:
    return Step(
        _("Bring your people"),
        _("Import a spreadsheet of subscribers, with the proof that they agreed."),
        _("Import subscribers"),
        reverse("admin:subscribers_import_add"),
        Subscriber.objects.exists(),
    )


def sender() -> Step:
    return Step(
        _("Say who you are"),
        _("A sender is the From address, the reply address and the postal address in the footer."),
        _("Add a sender"),
        reverse("admin:campaigns_sender_add"),
        Sender.objects.exists(),
    )


def campaign() -> Step:
    return Step(
        _("Write"),
        _("One campaign, in as many languages as your readers have. Preview it and send yourself a test."),
        _("Write a campaign"),
        reverse("admin:campaigns_campaign_add"),
        Campaign.objects.exists(),
    )


def sending() -> Step:
    latest = Campaign.objects.order_by("-id").only("pk").first()
    address = reverse("admin:campaigns_campaign_schedule", args=[latest.pk]) if latest else ""
    return Step(
        _("Send"),
        _("Now or at a time. You see the exact number of people before you confirm, and every mail afterwards."),
        _("Send it"),
        address,
        False,
    )
