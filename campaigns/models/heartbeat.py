"""Sign of life of a cluster."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """One row for each running `qcluster`, written every second or so by the database's clock."""

    name = models.CharField(max_length=120, unique=True, help_text="host:pid")
    host = models.CharField(_("host"), max_length=80)
    pid = models.PositiveIntegerField(_("process"))
    started_at = models.DateTimeField(_("since"), db_default=Now())
    ticked_at = models.DateTimeField(_("last seen"), db_default=Now())
    progress: models.JSONField[dict[str, Any]] = models.JSONField(_("what it does"), default=dict)

    objects: ClassVar[models.Manager[Heartbeat]] = models.Manager()

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        ordering: ClassVar = ["host", "pid"]

    def __str__(self) -> str:
        return self.name
