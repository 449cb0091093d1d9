"""The right to hold one connection to a transport."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .transport import Transport


class Slot(models.Model):
    """Leased by one lane at a time: the exact cap of connections across all hosts.

    A lane that finds no free slot ends at once, so a doubled nudge does nothing.
    """

    transport = models.ForeignKey(Transport, models.CASCADE, related_name="slots")
    number = models.PositiveSmallIntegerField()
    owner = models.CharField(max_length=80, blank=True)
    leased_until = models.DateTimeField(null=True)
    nudged_at = models.DateTimeField(null=True, help_text="When a lane was last asked to take it.")

    objects: ClassVar[models.Manager[Slot]] = models.Manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["transport", "number"], name="slot_once_per_transport"),
        ]

    def __str__(self) -> str:
        return f"{self.transport} #{self.number}"
