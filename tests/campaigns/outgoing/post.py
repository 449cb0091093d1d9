"""The moves of the application and of a cluster."""

from __future__ import annotations

from collections import Counter

from django.core.mail import EmailMessage

from campaigns.delivery import engine
from campaigns.models import Delivery
from tests.campaigns.delivery import scene


def letter(subject: str = "Hello", *to: str, body: str = "Good morning", **facts: object) -> EmailMessage:
    return EmailMessage(subject, body, to=to or ["ann@example.org"], **facts)


def leave() -> None:
    """Do in this process what lanes do, until nothing more can be sent now."""
    while lanes := engine.needed_lanes():
        for transport in lanes:
            engine.run(transport)


def let_time_pass() -> None:
    """Retries are due, transports and domains are rested, and limits have their tokens back."""
    scene.let_time_pass(None)


def outcomes() -> dict[str, int]:
    return dict(Counter(Delivery.objects.values_list("status", flat=True)))
