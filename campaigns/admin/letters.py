"""A mail of the application as staff may see it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from campaigns.admin.campaign_log import latest_attempts, skip_reason
from campaigns.composition.merge import CannotCompose
from campaigns.composition.stored import StoredMessage, restored
from campaigns.models import Delivery, Message

PARTS = ("html", "text", "source")
# On the page; the send log has all.
RECIPIENTS = 100
# Characters of the source; what follows is mostly attachments.
SOURCE = 200_000
ENDED_BADLY = (Delivery.Status.FAILED, Delivery.Status.UNCERTAIN)


def readable(request: HttpRequest) -> bool:
    """Who sees that a mail left need not see what it says: it may hold a link to a new password."""
    return bool(request.user.has_perm("campaigns.read_message"))


def letter(message: Message) -> tuple[StoredMessage | None, str]:
    """What left or will leave; else why it cannot be shown."""
    try:
        return restored(message), ""
    except CannotCompose as error:
        return None, str(error)
    except OSError as error:
        return None, f"{type(error).__name__}: {error}"


def page_of(request: HttpRequest, message: Message) -> dict[str, Any]:
    mail, problem = letter(message) if readable(request) else (None, "")
    html = mail.html if mail else ""
    return {
        "mail": mail,
        "problem": problem,
        "html": html,
        **shown(mail, html, request.GET.get("part", "")),
        **recipients(message),
        "attachments": [] if message.is_sealed else message.attachments.select_related("stored"),
    }


def shown(mail: StoredMessage | None, html: str, wanted: str) -> dict[str, Any]:
    """The part that was asked for, or the first that there is."""
    parts = [part for part in PARTS if part != "html" or html]
    part = wanted if wanted in parts else parts[0]
    source = mail.content[:SOURCE].decode("ascii", "replace") if mail and part == "source" else ""
    text = mail.body if mail and mail.content_subtype != "html" else ""
    return {"parts": parts, "part": part, "source": source, "text": text}


def recipients(message: Message) -> dict[str, Any]:
    copies = list(message.deliveries.order_by("pk")[: RECIPIENTS + 1])
    latest = latest_attempts(copies[:RECIPIENTS])
    lines = [
        {"delivery": one, "words": words(one, latest[one.pk].answer if one.pk in latest else "")}
        for one in copies[:RECIPIENTS]
    ]
    return {
        "lines": lines,
        "has_more": len(copies) > RECIPIENTS,
        "can_retry": not message.emptied_at and any(one.status in ENDED_BADLY for one in copies),
        "can_cancel": any(one.status == Delivery.Status.QUEUED for one in copies),
    }


def words(delivery: Delivery, answer: str) -> Any:
    if delivery.status == Delivery.Status.SKIPPED:
        return skip_reason(delivery)
    return answer or delivery.reason
