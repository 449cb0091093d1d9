"""A link whose clicks are counted."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from .content import Edition


class Link(models.Model):
    """Frozen with its edition. A mail names it by number, never by address."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="links")
    number = models.PositiveSmallIntegerField()
    url = models.TextField(_("address"))
    repaired_url = models.TextField(
        _("leads to"), blank=True, default="", help_text=_("If the address in the mail turned out to be wrong.")
    )

    objects: ClassVar[models.Manager[Link]] = models.Manager()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        ordering: ClassVar = ["edition", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "number"], name="link_once_per_edition"),
        ]

    @property
    def target(self) -> str:
        return self.repaired_url or self.url

    def __str__(self) -> str:
        return self.url
