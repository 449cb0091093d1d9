"""Something staff should know, told once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Incident(models.Model):
    """Open until it is over; while it is, the same trouble opens no second one."""

    key = models.CharField(max_length=120, help_text="What is in trouble, such as ``transport:3``.")
    reason = models.TextField(_("reason"))
    opened_at = models.DateTimeField(_("since"), default=timezone.now)
    told_at = models.DateTimeField(_("staff told"), null=True)
    closed_at = models.DateTimeField(_("over"), null=True)

    objects: ClassVar[models.Manager[Incident]] = models.Manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], condition=Q(closed_at=None), name="incident_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.reason}"
