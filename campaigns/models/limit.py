"""How many mails may still leave: what all workers have counted, and the pace at which they may go on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

# What was counted is kept in so many slices of a window; each counts until its end, which costs half a percent.
SLICES = 200
# After a stop that was shorter than this share of the window, what was missed is made up for at once.
BURST_SHARE = 1 / 10
SHORTEST_BURST_SECONDS = 0.5
# The pace is a little faster than the limit, which makes up for longer stops. The count is what holds the limit.
HASTE = 1.02
# Mails that are spread evenly may follow each other so closely that the next but one is never early.
EVEN_SHARE = 0.9
SHORTEST_EVEN_SECONDS = 0.1
# When mails that are on a wire now are the reason to wait, nobody knows how long they take.
SOON_SECONDS = 0.05
ROUNDING_SECONDS = 1e-6


@dataclass(frozen=True)
class Allowance:
    """At most `number` mails in any window of so many seconds, however it is laid over the clock."""

    number: int
    seconds: float
    is_even: bool = False

    @property
    def per_second(self) -> float:
        return self.number / self.seconds

    @property
    def interval(self) -> float:
        """Between two mails at the pace."""
        return self.seconds / self.number / HASTE

    @property
    def slack(self) -> float:
        """Seconds that mails may be ahead of an even pace: their burst after a rest."""
        if self.is_even:
            return max(SHORTEST_EVEN_SECONDS, EVEN_SHARE * self.interval)
        return max(SHORTEST_BURST_SECONDS, BURST_SHARE * self.seconds)


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
        """By the key of what is counted for them."""
        limits = {"second": self.limit_per_second, "hour": self.limit_per_hour, "day": self.limit_per_day}
        return {
            f"{self._meta.model_name}:{self.pk}:{window}": Allowance(number, seconds_of(window), self.spread_evenly)
            for window, number in limits.items()
            if number
        }


class Limit(models.Model):
    """What was counted for one key, such as ``transport:3:hour`` or ``campaign:7:day``.

    A mail counts from the commit that hands it over until a window's length after the commit that knows what
    became of it. The server got it somewhere between, so no window on the server's clock holds more than allowed,
    however long the wire takes. Mails that are on a wire now stand in the slots, the others here.

    The row is locked while mails are counted in the transaction that hands them over. Nothing in it depends on
    how much is allowed, so that changing a limit acts at once.
    """

    key = models.CharField(max_length=80, unique=True)
    spent: models.JSONField[list[list[float]]] = models.JSONField(
        default=list, help_text="Pairs of a time and how many mails left in the slice of the window that ended then."
    )
    paced_to = models.FloatField(default=0.0, help_text="When the next mail is due at an even pace.")

    objects: ClassVar[models.Manager[Limit]] = models.Manager()

    class Meta:
        verbose_name = _("limit")
        verbose_name_plural = _("limits")

    def __str__(self) -> str:
        return self.key

    def room(self, allowance: Allowance, now: float, *, on_wire: int = 0) -> int:
        """How many mails may leave at that time."""
        counted = on_wire + sum(number for _at, number in self._within(allowance, now))
        ahead = self._due(allowance, now) - now
        paced = math.floor((allowance.slack - ahead + ROUNDING_SECONDS) / allowance.interval) + 1
        return int(max(0, min(allowance.number - counted, paced)))

    def opens_at(self, allowance: Allowance, now: float, *, on_wire: int = 0, nth: int = 1) -> float:
        """When the nth mail from now may leave."""
        windows, nth = divmod(nth - 1, allowance.number)
        paced = self._due(allowance, now) + nth * allowance.interval - allowance.slack
        opens = max(now, paced, self._has_room_at(allowance, now, on_wire + nth + 1))
        return opens + windows * allowance.seconds

    def take(self, number: int, allowance: Allowance, now: float) -> None:
        self.paced_to = self._due(allowance, now) + number * allowance.interval

    def count(self, number: int, now: float) -> None:
        """Mails that were on a wire left before now."""
        seconds = seconds_of(self.key.rpartition(":")[2])
        ends = (now // (seconds / SLICES) + 1) * (seconds / SLICES)
        spent: dict[float, float] = {ends: number}
        for at, before in self.spent:
            # A clock that stepped back shall not make today's mails count until tomorrow.
            at = min(at, ends)
            if at > now - seconds:
                spent[at] = spent.get(at, 0) + before
        self.spent = [list(pair) for pair in sorted(spent.items())]

    def is_ahead(self, now: float) -> bool:
        """The clock stepped back. Until somebody counts again, what stands in the future does not count."""
        slice_seconds = seconds_of(self.key.rpartition(":")[2]) / SLICES
        return bool(self.spent) and self.spent[-1][0] > now + slice_seconds + ROUNDING_SECONDS

    def _within(self, allowance: Allowance, now: float) -> list[list[float]]:
        latest = now + allowance.seconds / SLICES + ROUNDING_SECONDS
        return [[at, number] for at, number in self.spent if now - allowance.seconds < at <= latest]

    def _has_room_at(self, allowance: Allowance, now: float, wanted: int) -> float:
        """When so many more may count."""
        within = self._within(allowance, now)
        lacking = wanted + sum(number for _at, number in within) - allowance.number
        if lacking <= 0:
            return now
        for at, number in within:
            lacking -= number
            if lacking <= 0:
                return at + allowance.seconds
        return now + SOON_SECONDS

    def _due(self, allowance: Allowance, now: float) -> float:
        """At an even pace. Further ahead than taking can have led, a clock stepped back or the limit was raised."""
        is_sane = self.paced_to <= now + allowance.slack + allowance.interval + ROUNDING_SECONDS
        return max(self.paced_to, now) if is_sane else now


def seconds_of(window: str) -> float:
    hour = settings.LIMIT_WINDOW_SECONDS
    return float({"second": 1, "hour": hour, "day": 24 * hour}[window])
