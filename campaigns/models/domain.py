"""What we know of the servers behind the recipients' addresses."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .limit import Limited


class RecipientDomainQuerySet(models.QuerySet["RecipientDomain"]):
    def resting(self) -> RecipientDomainQuerySet:
        return self.filter(resting_until__gt=Now())

    def limited(self) -> RecipientDomainQuerySet:
        """Those that staff gave a limit."""
        return self.exclude(limit_per_second=None, limit_per_hour=None, limit_per_day=None)


class RecipientDomain(Limited):
    """A rule of staff such as “gmail.com: 500 an hour”, and the rest that temporary refusals earned a domain."""

    name = models.CharField(_("domain"), max_length=255, unique=True, help_text=_("Such as gmail.com."))
    resting_until = models.DateTimeField(_("resting until"), null=True, blank=True, editable=False)
    rest_reason = models.TextField(_("why it rests"), blank=True, editable=False)
    strikes = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="Rests in a row without an accepted mail between them."
    )

    objects: ClassVar = RecipientDomainQuerySet.as_manager()

    class Meta:
        verbose_name = _("recipient domain")
        verbose_name_plural = _("recipient domains")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name
