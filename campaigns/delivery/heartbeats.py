"""Which clusters are at work, on any host, by the clock of the database."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import date_format

from campaigns.delivery.pulse import STUCK_SECONDS
from campaigns.models import Heartbeat

# A cluster ticks each second, or after five when a tick failed.
SILENT_AFTER = timedelta(seconds=10)
FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class Sign:
    """What is known of one cluster at this moment."""

    heartbeat: Heartbeat
    silent_for: timedelta

    @property
    def is_silent(self) -> bool:
        return self.silent_for > SILENT_AFTER

    @property
    def is_stuck(self) -> bool:
        return self.still_seconds > STUCK_SECONDS

    @property
    def is_well(self) -> bool:
        return not (self.is_silent or self.is_stuck or self.trouble)

    @property
    def trouble(self) -> str:
        """Why its last tick failed."""
        return str(self.heartbeat.progress.get("trouble", ""))

    @property
    def workers(self) -> int:
        return int(self.heartbeat.progress.get("workers", 0))

    @property
    def busy(self) -> int:
        return int(self.heartbeat.progress.get("busy", 0))

    @property
    def last_seen(self) -> str:
        """The time, and the day if it was another."""
        moment = timezone.localtime(self.heartbeat.ticked_at)
        is_today = moment.date() == timezone.localdate()
        return date_format(moment, "H:i:s" if is_today else "SHORT_DATETIME_FORMAT")

    @property
    def still_seconds(self) -> int:
        return round(float(self.heartbeat.progress.get("still_seconds", 0)))


def signs() -> list[Sign]:
    """Those that were heard of since yesterday, the liveliest first."""
    silent_for = ExpressionWrapper(Now() - F("ticked_at"), DurationField())
    known = Heartbeat.objects.annotate(silent_for=silent_for).order_by("silent_for")
    return [Sign(heartbeat, heartbeat.silent_for) for heartbeat in known]


def write(started_at: datetime, progress: Mapping[str, Any]) -> None:
    beat = Heartbeat(
        name=name(),
        host=host(),
        pid=os.getpid(),
        started_at=started_at,
        ticked_at=Now(),
        progress=dict(progress),
    )
    Heartbeat.objects.bulk_create(
        [beat], update_conflicts=True, unique_fields=["name"], update_fields=["started_at", "ticked_at", "progress"]
    )


def end() -> None:
    """After a clean stop nobody needs to wonder where it is."""
    Heartbeat.objects.filter(name=name()).delete()


def forget_dead() -> None:
    """At once what this host knows to be dead; others may come back within a day."""
    Heartbeat.objects.filter(ticked_at__lt=Now() - FORGET_AFTER).delete()
    here = Heartbeat.objects.filter(host=host(), ticked_at__lt=Now() - SILENT_AFTER)
    gone = [number for number, pid in here.values_list("pk", "pid") if not is_running(pid)]
    Heartbeat.objects.filter(pk__in=gone).delete()


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def name() -> str:
    return f"{host()}:{os.getpid()}"


def host() -> str:
    return socket.gethostname()[:80]
