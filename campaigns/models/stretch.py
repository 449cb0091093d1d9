"""What a planner takes into its hands at once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from .campaign import Campaign


class StretchQuerySet(models.QuerySet["Stretch"]):
    def unplanned(self) -> StretchQuerySet:
        return self.filter(mails=None)


class Stretch(models.Model):
    """Subscribers by number, for whom a campaign is planned in one commit.

    Whoever plans for them locks the row and notes in that commit how many deliveries were written, so it is unplanned
    exactly as long as they have none, whoever dies. When all are planned, their sum is the campaign's.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="stretches")
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    mails = models.PositiveIntegerField(null=True)

    objects: ClassVar = StretchQuerySet.as_manager()

    class Meta:
        verbose_name = _("stretch")
        verbose_name_plural = _("stretches")

    def __str__(self) -> str:
        return f"{self.first}–{self.last}"

    @property
    def numbers(self) -> range:
        return range(self.first, self.last + 1)
