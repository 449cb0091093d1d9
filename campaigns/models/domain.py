"""What we know of the servers behind the recipients' addresses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from subscribers import addresses, readable

from . import clock
from .limit import Limited

LONGEST_REST = timedelta(hours=1)
UNLIMITED = {"limit_per_second": None, "limit_per_hour": None, "limit_per_day": None}
AWAKE: dict[str, Any] = {"resting_until": None, "rest_reason": "", "strikes": 0}


class RecipientDomainQuerySet(models.QuerySet["RecipientDomain"]):
    def resting(self) -> RecipientDomainQuerySet:
        return self.filter(strikes__gt=0, resting_until__gt=clock.in_sql())

    def called_back(self) -> RecipientDomainQuerySet:
        """Woken up, and mails may still wait for the moment that they were told."""
        return self.filter(strikes=0, resting_until__isnull=False)

    def limited(self) -> RecipientDomainQuerySet:
        """Those that staff gave a limit."""
        return self.exclude(**UNLIMITED)

    def watched(self) -> RecipientDomainQuerySet:
        """Those that a lane has to know."""
        return self.limited() | self.filter(strikes__gt=0)

    def rest(self, name: str, reason: str) -> datetime:
        """Leave its servers alone, twice as long each time; the moment when they are tried again.

        What was on the wires meanwhile is answered alike. That is no news and counts once.
        """
        domain, _created = self.get_or_create(name=name)
        now = clock.now()
        first = timedelta(seconds=settings.DOMAIN_REST_SECONDS)
        until = now + min(first * 2 ** min(domain.strikes, 10), LONGEST_REST)
        awake = self.filter(Q(resting_until=None) | Q(resting_until__lte=now) | Q(strikes=0), pk=domain.pk)
        awake.update(strikes=F("strikes") + 1, resting_until=until, rest_reason=reason)
        domain.refresh_from_db()
        return domain.resting_until or now

    def recover(self, name: str, at: datetime) -> None:
        """A mail was accepted at that time. If that was after the last rest, all is well."""
        self.filter(name=name, strikes__gt=0, resting_until__lte=at).forget()

    def forget(self) -> None:
        """Why and until when they rested, and those without a limit altogether."""
        self.limited().update(**AWAKE)
        self.filter(**UNLIMITED).delete()


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
        return readable.domain(self.name)

    def clean(self) -> None:
        """As addresses are stored, or the rule would meet nobody."""
        try:
            self.name = addresses.normalise(f"postmaster@{self.name.strip().lstrip('@')}").rpartition("@")[2]
        except addresses.AddressRefused as refused:
            raise ValidationError({"name": str(refused)}) from refused

    @property
    def is_resting(self) -> bool:
        return self.rests_until is not None

    @property
    def rests_until(self) -> datetime | None:
        is_over = self.strikes == 0 or self.resting_until is None or self.resting_until <= clock.now()
        return None if is_over else self.resting_until

    def wake_up(self) -> bool:
        """Staff know better; False if it was awake. What waits for the end of its rest has yet to be called back."""
        return bool(RecipientDomain.objects.resting().filter(pk=self.pk).update(strikes=0, rest_reason=""))
