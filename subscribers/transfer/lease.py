"""One worker at a time on an import."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils import timezone

from subscribers.models import Import

LEASE: Final = timedelta(seconds=60)


class Overtaken(Exception):
    """The import was cancelled, or another worker goes on with it."""


def take(started: Import) -> bool:
    """For this worker alone; False if another has it."""
    won = Import.objects.unattended().filter(pk=started.pk).update(leased_until=timezone.now() + LEASE)
    if won:
        started.refresh_from_db()
    return bool(won)
