"""What came back after a mail was delivered."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .delivery import Delivery


class Event(models.Model):
    class Kind(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        CLICKED = "clicked", _("clicked")

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="events", verbose_name=_("delivery"))
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    link = models.PositiveSmallIntegerField(_("link"), default=0, help_text="Its number in the edition, or 0.")
    happened_at = models.DateTimeField(_("when"), default=timezone.now)

    objects: ClassVar[models.Manager[Event]] = models.Manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            # The same click arriving twice is one event.
            models.UniqueConstraint(fields=["delivery", "kind", "link"], name="event_once_per_delivery"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
