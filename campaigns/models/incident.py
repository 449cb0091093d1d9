"""Something staff should know, told once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class IncidentQuerySet(models.QuerySet["Incident"]):
    def open(self) -> IncidentQuerySet:
        return self.filter(closed_at=None)

    def untold(self) -> IncidentQuerySet:
        return self.filter(closed_at=None, told_at=None)


class Incident(models.Model):
    """Open until it is over; while it is, the same trouble opens no second one."""

    class Kind(models.TextChoices):
        CAMPAIGN = "campaign", _("campaign paused")
        TRANSPORT = "transport", _("transport out of order")
        CLUSTER = "cluster", _("workers silent")
        INBOX = "inbox", _("incoming mail not read")

    key = models.CharField(max_length=120, help_text="What is in trouble, such as ``transport:3``.")
    name = models.CharField(_("what"), max_length=200, blank=True)
    reason = models.TextField(_("reason"))
    opened_at = models.DateTimeField(_("since"), default=timezone.now)
    told_at = models.DateTimeField(_("staff told"), null=True)
    closed_at = models.DateTimeField(_("over"), null=True)

    objects: ClassVar = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], condition=Q(closed_at=None), name="incident_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind.label}: {self.name}"

    @property
    def kind(self) -> Kind:
        return Incident.Kind(self.key.partition(":")[0])

    @property
    def about(self) -> str:
        """The key of the row that is in trouble."""
        return self.key.partition(":")[2]

    def tell(self) -> bool:
        """Whoever gets True tells staff; nobody else does."""
        return bool(Incident.objects.untold().filter(pk=self.pk).update(told_at=timezone.now()))
