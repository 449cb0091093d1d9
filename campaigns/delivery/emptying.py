"""Forgets what mails of the application said, a set time after everybody got them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from campaigns.delivery import shelf
from campaigns.models import Attachment, Message

# Mails, or files, per tick.
MOST = 500
TIDY_SECONDS = 86_400.0
DONE = object()

_tidying: Iterator[None] | None = None
_tidied_at: float | None = None


def empty_old() -> None:
    """Bodies and attachments go; the ledger stays: who was mailed, when, with which subject."""
    kept = timedelta(days=settings.KEEP_MESSAGES_DAYS)
    old = Message.objects.full().done().filter(created_at__lt=timezone.now() - kept).order_by("created_at")
    numbers = list(old.values_list("pk", flat=True)[:MOST])
    if numbers:
        with transaction.atomic():
            Attachment.objects.filter(message__in=numbers).delete()
            emptied = {"body": "", "alternatives": [], "headers": [], "is_sealed": False}
            Message.objects.filter(pk__in=numbers).update(**emptied, emptied_at=timezone.now())
    shelf.clear(MOST)
    _tidy()


def _tidy() -> None:
    """A step at a time, and all of it once a day."""
    global _tidied_at, _tidying
    if _tidying is None and (_tidied_at is None or time.monotonic() > _tidied_at + TIDY_SECONDS):
        _tidying = shelf.tidying(MOST)
    if _tidying and next(_tidying, DONE) is DONE:
        _tidying, _tidied_at = None, time.monotonic()
