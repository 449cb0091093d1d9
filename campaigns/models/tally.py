"""Numbers that take long to count, as they were when a worker counted them last."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Final

from django.db import models
from django.utils import timezone

# Without a worker that counts anew, whoever asks counts for themselves again.
HOLDS: Final = timedelta(hours=1)
# So counting takes a fiftieth of a worker's time at most.
PAUSE: Final = 50


class Tally(models.Model):
    name = models.CharField(max_length=40, unique=True, help_text="`people`, `campaign:3`.")
    numbers: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    took = models.DurationField()
    counted_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Tally]] = models.Manager()

    class Meta:
        verbose_name = "tally"
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return self.name

    @property
    def is_valid(self) -> bool:
        return self.counted_at > timezone.now() - HOLDS

    @property
    def is_due(self) -> bool:
        """Worth counting again."""
        return self.counted_at < timezone.now() - PAUSE * self.took
