"""What we know of the servers behind the recipients' addresses."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscribers import addresses

from .limit import Limited

LONGEST_REST = timedelta(hours=1)


class RecipientDomainQuerySet(models.QuerySet["RecipientDomain"]):
    def resting(self) -> RecipientDomainQuerySet:
        return self.filter(resting_until__gt=timezone.now())

    def limited(self) -> RecipientDomainQuerySet:
        """Those that staff gave a limit."""
        return self.exclude(limit_per_second=None, limit_per_hour=None, limit_per_day=None)

    def watched(self) -> RecipientDomainQuerySet:
        """Those that a lane has to know."""
        return self.limited() | self.filter(strikes__gt=0)

    def rest(self, name: str, reason: str) -> datetime:
        """Leave its servers alone, twice as long each time; the moment when they are tried again.

        What was on the wires meanwhile is answered alike. That is no news and counts once.
        """
        domain, _created = self.get_or_create(name=name)
        now = timezone.now()
        first = timedelta(seconds=settings.DOMAIN_REST_SECONDS)
        until = now + min(first * 2 ** min(domain.strikes, 10), LONGEST_REST)
        awake = self.filter(Q(resting_until=None) | Q(resting_until__lte=now), pk=domain.pk)
        awake.update(strikes=F("strikes") + 1, resting_until=until, rest_reason=reason)
        domain.refresh_from_db()
        return domain.resting_until or now

    def recover(self, names: Collection[str]) -> None:
        """A mail was accepted after the rest, so all is well; a domain without a limit is forgotten."""
        rested = self.filter(name__in=names, strikes__gt=0, resting_until__lte=timezone.now())
        for domain in rested.order_by("pk"):
            domain.forgive()


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

    def clean(self) -> None:
        """As addresses are stored, or the rule would meet nobody."""
        try:
            self.name = addresses.normalise(f"postmaster@{self.name.strip().lstrip('@')}").rpartition("@")[2]
        except addresses.AddressRefused as refused:
            raise ValidationError({"name": str(refused)}) from refused

    @property
    def is_resting(self) -> bool:
        return self.resting_until is not None and self.resting_until > timezone.now()

    @property
    def is_limited(self) -> bool:
        return bool(self.allowances)

    def forgive(self) -> None:
        """Its servers take our mail, or staff know better."""
        self.resting_until, self.rest_reason, self.strikes = None, "", 0
        if self.is_limited:
            self.save(update_fields=["resting_until", "rest_reason", "strikes"])
        else:
            self.delete()
