"""What a planner takes into its hands at once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from .campaign import Campaign


class Stretch(models.Model):
    """Subscribers by number, to whom a campaign is yet to be planned.

    Whoever plans for them locks the row and deletes it in the commit that writes their deliveries, so it is there
    exactly as long as they have none, whoever dies.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="stretches")
    first = models.BigIntegerField()
    last = models.BigIntegerField()

    objects: ClassVar[models.Manager[Stretch]] = models.Manager()

    class Meta:
        verbose_name = _("stretch")
        verbose_name_plural = _("stretches")

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"

    @property
    def numbers(self) -> range:
        return range(self.first, self.last + 1)
