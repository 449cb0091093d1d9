"""How many mails may still leave: a bucket of tokens that all workers share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Allowance:
    """At most `number` mails in any window of an hour, however it is laid over the clock."""

    number: int

    @property
    def burst(self) -> int:
        """What may leave at once after a rest."""
        return max(1, self.number // 100)

    @property
    def per_second(self) -> float:
        """How fast tokens come back.

        A token may be taken long before its mail is on the wire, but not longer than the hold. So the mails
        of one window took their tokens within window + hold, and burst + rate x (window + hold) bounds them.
        """
        return max(1, self.number - self.burst) / (settings.LIMIT_WINDOW_SECONDS + settings.TOKEN_HOLD_SECONDS)


class Limit(models.Model):
    """Tokens for one key, such as ``transport:3`` or ``campaign:7``.

    The row is locked while tokens are taken in the same transaction as the claim they are for. Its numbers
    are derived from the limit in force when it is used, so that changing a limit acts at once.
    """

    key = models.CharField(max_length=80, unique=True)
    tokens = models.FloatField(help_text="What was left at `counted_at`.")
    counted_at = models.DateTimeField(help_text="By the database's clock on PostgreSQL.")

    objects: ClassVar[models.Manager[Limit]] = models.Manager()

    class Meta:
        verbose_name = _("limit")
        verbose_name_plural = _("limits")

    def __str__(self) -> str:
        return self.key

    @staticmethod
    def key_of(limited: models.Model) -> str:
        return f"{limited._meta.model_name}:{limited.pk}"

    def available(self, allowance: Allowance, at: datetime) -> float:
        """The tokens at that time; a clock that steps back takes none away."""
        seconds = max(0.0, (at - self.counted_at).total_seconds())
        return min(float(allowance.burst), self.tokens + seconds * allowance.per_second)

    def available_at(self, allowance: Allowance, now: datetime) -> datetime:
        """When there is a whole token."""
        lacking = max(0.0, 1 - self.available(allowance, now))
        return now + timedelta(seconds=lacking / allowance.per_second)
