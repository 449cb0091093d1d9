"""The right to hold one connection to a transport."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .transport import Transport


class Slot(models.Model):
    """Leased by one lane at a time: the exact cap of connections across all hosts.

    A lane that finds no free slot ends at once, so a doubled nudge does nothing. What is on the wire stands here
    before its first byte leaves, so after a crash exactly these mails are in doubt.
    """

    transport = models.ForeignKey(Transport, models.CASCADE, related_name="slots")
    number = models.PositiveSmallIntegerField()
    owner = models.CharField(max_length=120, blank=True)
    leased_until = models.DateTimeField(null=True, help_text="By the database's clock.")
    window: models.JSONField[list[int]] = models.JSONField(default=list, help_text="The deliveries on this wire.")
    tokens: models.JSONField[dict[str, int]] = models.JSONField(
        default=dict, help_text="By the key of a limit, how many mails on this wire it counts."
    )
    nudged_at = models.DateTimeField(null=True, help_text="When a lane was last asked to take it.")

    objects: ClassVar[models.Manager[Slot]] = models.Manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["transport", "number"], name="slot_once_per_transport"),
        ]

    def __str__(self) -> str:
        return f"{self.transport} #{self.number}"
