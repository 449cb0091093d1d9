"""A way out: one of the configured mailers, with its limit and its health."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import clock
from .limit import Limited

LONGEST_REST = timedelta(minutes=30)


class TransportQuerySet(models.QuerySet["Transport"]):
    def resting(self) -> TransportQuerySet:
        return self.filter(is_active=True, resting_until__gt=clock.in_sql())

    def in_service(self) -> TransportQuerySet:
        """Those that may send now, best first."""
        rested = Q(resting_until=None) | Q(resting_until__lte=clock.in_sql())
        return self.filter(rested, is_active=True).order_by("priority", "id")


class Transport(Limited):
    name = models.CharField(_("name"), max_length=120)
    alias = models.SlugField(
        _("mailer"), max_length=60, unique=True, help_text=_("One of those that the MAILERS setting configures.")
    )
    is_active = models.BooleanField(_("in use"), default=True)
    priority = models.PositiveSmallIntegerField(_("priority"), default=10, help_text=_("The lowest number goes first."))
    connections = models.PositiveSmallIntegerField(
        _("connections"),
        default=2,
        validators=[MinValueValidator(1)],
        help_text=_("The most that may be open at once."),
    )
    resting_until = models.DateTimeField(_("resting until"), null=True, blank=True, editable=False)
    rest_reason = models.TextField(_("why it rests"), blank=True, editable=False)
    strikes = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="Rests in a row without an accepted mail between them."
    )

    objects: ClassVar = TransportQuerySet.as_manager()

    class Meta:
        verbose_name = _("transport")
        verbose_name_plural = _("transports")
        ordering: ClassVar = ["priority", "id"]

    def __str__(self) -> str:
        return self.name

    def rest(self, reason: str, seconds: int) -> None:
        """Leave the server alone for that long, twice as long each time; the next transport takes over.

        Lanes that find the same at the same time count once.
        """
        now = clock.now()
        self.refresh_from_db(fields=["strikes"])
        until = now + min(timedelta(seconds=seconds) * 2 ** min(self.strikes, 10), LONGEST_REST)
        awake = Q(resting_until=None) | Q(resting_until__lte=now)
        mine = Transport.objects.filter(awake, pk=self.pk)
        mine.update(resting_until=until, rest_reason=reason, strikes=F("strikes") + 1)
        self.refresh_from_db(fields=["resting_until", "rest_reason", "strikes"])

    def recover(self) -> None:
        """It took a mail after its rest."""
        rested = Transport.objects.filter(pk=self.pk, resting_until__lte=clock.in_sql())
        rested.update(strikes=0, rest_reason="", resting_until=None)
        self.refresh_from_db(fields=["resting_until", "rest_reason", "strikes"])

    def clean(self) -> None:
        if self.alias not in settings.MAILERS:
            known = ", ".join(sorted(settings.MAILERS))
            raise ValidationError(
                {"alias": _("The MAILERS setting does not have it. It has: %(known)s.") % {"known": known}}
            )

    def lacks_mailer(self) -> str:
        """What staff can do if the setting lost it."""
        words = gettext(
            "The MAILERS setting has no “%(alias)s”. Add it there and restart, or let the transport use another mailer."
        )
        return words % {"alias": self.alias}

    @property
    def is_resting(self) -> bool:
        return self.resting_until is not None and self.resting_until > clock.now()

    @property
    def was_called(self) -> bool:
        """A lane was to send by it, now or ever."""
        return self.slots.exists()

    def wake_up(self) -> bool:
        """Staff know better; False if it was awake."""
        awake = {"resting_until": None, "rest_reason": "", "strikes": 0}
        return bool(Transport.objects.filter(pk=self.pk, resting_until__gt=clock.in_sql()).update(**awake))
