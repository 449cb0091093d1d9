"""Addresses that are never mailed, remembered without telling the address."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from subscribers import addresses

from .mailing_list import MailingList


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def in_force(self) -> SuppressionQuerySet:
        """By the database's clock, since lanes ask this again and again with one compiled statement."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=Now()))

    def everywhere(self) -> SuppressionQuerySet:
        """Those that hold for all mail, not for one list."""
        return self.filter(mailing_list=None)

    def of(self, address: str) -> SuppressionQuerySet:
        """Those of one normalised address."""
        return self.filter(fingerprint=addresses.fingerprint(address))

    def add(self, address: str, reason: str, *, note: str = "") -> Suppression:
        """Never mail this normalised address again. Repeating it keeps the first reason."""
        row, _created = self.get_or_create(
            fingerprint=addresses.fingerprint(address), mailing_list=None, defaults={"reason": reason, "note": note}
        )
        return row


class Suppression(models.Model):
    class Reason(models.TextChoices):
        LEFT = "left", _("left everything")
        BOUNCED = "bounced", _("dead address")
        COMPLAINED = "complained", _("complained")
        MANUAL = "manual", _("by staff")
        ERASED = "erased", _("erased")

    fingerprint = models.CharField(
        _("fingerprint"), max_length=80, editable=False, blank=True, help_text="Of an address; empty for a domain."
    )
    domain = models.CharField(
        _("domain"),
        max_length=255,
        blank=True,
        help_text=_("Of everybody at example.org, or with *.example.org also at what is below it."),
    )
    mailing_list = models.ForeignKey(
        MailingList,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="suppressions",
        verbose_name=_("list"),
        help_text=_("Empty: no mail at all."),
    )
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    note = models.CharField(_("note"), max_length=250, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    objects: ClassVar = SuppressionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["fingerprint", "domain"], condition=Q(mailing_list=None), name="suppression_once_everywhere"
            ),
            models.UniqueConstraint(
                fields=["fingerprint", "domain", "mailing_list"],
                condition=Q(mailing_list__isnull=False),
                name="suppression_once_per_list",
            ),
            models.CheckConstraint(
                condition=Q(fingerprint="", domain__gt="") | Q(fingerprint__gt="", domain=""),
                name="suppression_of_address_or_domain",
            ),
        ]
        indexes: ClassVar = [
            # The few that are asked for everybody.
            models.Index(fields=["domain"], condition=Q(domain__gt=""), name="suppression_of_domain"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} · {self.domain or self.fingerprint[:12] + '…'}"


def suppressed(fingerprint: str = "fingerprint") -> Exists:
    """Whether the address with the fingerprint in that column of the outer query gets no mail at all."""
    return Exists(Suppression.objects.in_force().everywhere().filter(fingerprint=OuterRef(fingerprint)))
