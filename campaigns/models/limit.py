"""How many mails may still leave: buckets of tokens that all workers share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

# A mail is on the wire that long after its token was taken, as a share of the window, or it stays.
HOLD_SHARE = 1 / 20


@dataclass(frozen=True)
class Allowance:
    """At most `number` mails in any window of so many seconds, however it is laid over the clock."""

    number: int
    seconds: float
    is_even: bool = False

    @property
    def burst(self) -> int:
        """What may leave at once after a rest."""
        return 1 if self.is_even else max(1, self.number // 100)

    @property
    def hold(self) -> float:
        return min(settings.TOKEN_HOLD_SECONDS, self.seconds * HOLD_SHARE)

    @property
    def per_second(self) -> float:
        """How fast tokens come back.

        A token may be taken before its mail is on the wire, but not longer than the hold. So the mails
        of one window took their tokens within window + hold, and burst + rate x (window + hold) bounds them.
        """
        return max(1, self.number - self.burst) / (self.seconds + self.hold)


class Limited(models.Model):
    """Whatever mail passes and staff may slow down."""

    limit_per_second = models.PositiveIntegerField(
        _("limit per second"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty: no limit.")
    )
    limit_per_hour = models.PositiveIntegerField(
        _("limit per hour"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty: no limit.")
    )
    limit_per_day = models.PositiveIntegerField(
        _("limit per day"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty: no limit.")
    )
    spread_evenly = models.BooleanField(
        _("spread evenly"), default=False, help_text=_("One mail after the other instead of small bursts.")
    )

    class Meta:
        abstract = True

    @property
    def allowances(self) -> dict[str, Allowance]:
        """By the key of their bucket."""
        limits = {
            "second": (self.limit_per_second, 1),
            "hour": (self.limit_per_hour, settings.LIMIT_WINDOW_SECONDS),
            "day": (self.limit_per_day, 24 * settings.LIMIT_WINDOW_SECONDS),
        }
        return {
            f"{self._meta.model_name}:{self.pk}:{window}": Allowance(number, seconds, self.spread_evenly)
            for window, (number, seconds) in limits.items()
            if number
        }


class Limit(models.Model):
    """Tokens for one key, such as ``transport:3:hour`` or ``campaign:7:day``.

    The row is locked while tokens are taken in the same transaction that hands the mails over. Its numbers
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

    def available(self, allowance: Allowance, at: datetime) -> float:
        """The tokens at that time; a clock that steps back takes none away."""
        seconds = max(0.0, (at - self.counted_at).total_seconds())
        return min(float(allowance.burst), self.tokens + seconds * allowance.per_second)

    def available_at(self, allowance: Allowance, now: datetime) -> datetime:
        """When there is a whole token."""
        lacking = max(0.0, 1 - self.available(allowance, now))
        return now + timedelta(seconds=lacking / allowance.per_second)
