"""What a lane takes into its hands at once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .campaign import Campaign


class BatchQuerySet(models.QuerySet["Batch"]):
    def free(self) -> BatchQuerySet:
        """In nobody's hands, with a mail that may leave now."""
        return self.filter(owner="", is_held=False, due_at__lte=Now())

    def unfinished(self) -> BatchQuerySet:
        """With a mail that waits, be it for later or for somebody to release it."""
        return self.filter(due_at__isnull=False)


class Batch(models.Model):
    """A share of a campaign's audience, or the recipients of one mail of the application.

    One lane has it at a time. To claim a thousand mails is one update of one row, and so is to give back those
    that were not sent; a mail's own row is written once, with its outcome.
    """

    class Priority(models.IntegerChoices):
        HIGH = 10, _("high")
        NORMAL = 50, _("normal")
        LOW = 90, _("low")

    campaign = models.ForeignKey(Campaign, models.CASCADE, null=True, related_name="batches")
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    domain = models.CharField(max_length=255, blank=True, help_text="Where all its recipients are; empty: anywhere.")
    is_held = models.BooleanField(default=False, help_text="Until a person has seen how the first mails went.")
    due_at = models.DateTimeField(null=True, help_text="When the first waiting mail may leave; null: none waits.")
    owner = models.CharField(max_length=120, blank=True, help_text="The lane that has it. Its slots hold the lease.")

    objects: ClassVar = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        indexes: ClassVar = [
            # The claim: what is due, most urgent first.
            models.Index(
                fields=["campaign", "priority", "due_at", "id"],
                condition=Q(owner="", due_at__isnull=False),
                name="batch_waiting",
            ),
            # The sweeper: what a lost lane had.
            models.Index(fields=["owner"], condition=~Q(owner=""), name="batch_in_hands"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign or self._meta.verbose_name} #{self.pk}"
