"""What came back after a mail was delivered."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscribers.models import LeavingReason

from .content import Edition
from .delivery import Delivery


class Event(models.Model):
    class Kind(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        CLICKED = "clicked", _("clicked")
        OPENED = "opened", _("opened")
        BOUNCED = "bounced", _("bounced")
        COMPLAINED = "complained", _("complained")

    # Its constraint begins with it, and each index that is not there makes a burst of clicks cheaper.
    delivery = models.ForeignKey(
        Delivery, models.CASCADE, db_index=False, related_name="events", verbose_name=_("delivery")
    )
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    link = models.PositiveSmallIntegerField(_("link"), default=0, help_text="Its number in the edition, or 0.")
    is_suspect = models.BooleanField(
        _("perhaps a machine"), db_default=False, help_text="Scanners open and follow everything: counted apart."
    )
    reason = models.ForeignKey(
        LeavingReason, models.SET_NULL, null=True, db_index=False, related_name="+", verbose_name=_("reason")
    )
    words = models.TextField(_("in their own words"), blank=True, db_default="")
    happened_at = models.DateTimeField(_("when"), default=timezone.now)

    objects: ClassVar[models.Manager[Event]] = models.Manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            # The same click arriving twice is one event.
            models.UniqueConstraint(fields=["delivery", "kind", "link", "is_suspect"], name="event_once_per_delivery"),
        ]
        indexes: ClassVar = [
            # A reason that is deleted is taken out of the events that name it. Partial, because few do.
            models.Index(fields=["reason"], condition=Q(reason__isnull=False), name="event_with_reason"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Hits(models.Model):
    """How often an edition was opened, or a link in it followed, in one hour, by nobody in particular."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="hits")
    link = models.PositiveSmallIntegerField(help_text="Its number in the edition; 0: opened.")
    is_suspect = models.BooleanField()
    hour = models.DateTimeField(help_text="When it began, in UTC.")
    number = models.PositiveIntegerField()

    objects: ClassVar[models.Manager[Hits]] = models.Manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "link", "is_suspect", "hour"], name="hits_once_per_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.edition} · {self.link} · {self.number}"
