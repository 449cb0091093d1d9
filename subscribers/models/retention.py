"""What is kept for how long, and what is known about domains."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class RetentionRule(models.Model):
    """One for each kind of data; `subscribers.retention` carries them out each day."""

    class Kind(models.TextChoices):
        SIGN_UPS = "sign_ups", _("sign-ups as they were typed, network address included")
        UNCONFIRMED = "unconfirmed", _("sign-ups that were never confirmed")
        IMPORT_FILES = "import_files", _("rejected rows and undo records of imports")
        NETWORK_ADDRESSES = "network_addresses", _("network addresses in consent records")
        LOGS = "logs", _("server answers in the send log")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, unique=True)
    days = models.PositiveIntegerField(_("days"), validators=[MinValueValidator(1)])
    is_active = models.BooleanField(_("in force"), default=False)
    ran_at = models.DateTimeField(_("last run"), null=True, editable=False)
    cursor = models.BigIntegerField(default=0, editable=False, help_text="Whatever is up to here was looked at.")
    removed = models.PositiveIntegerField(_("removed then"), default=0, editable=False)

    objects: ClassVar[models.Manager[RetentionRule]] = models.Manager()

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        ordering: ClassVar = ["kind"]

    def __str__(self) -> str:
        return self.get_kind_display()


class MailDomain(models.Model):
    """Whether a domain takes mail, as the DNS said when last asked (MX, RFC 5321 §5.1; null MX, RFC 7505)."""

    name = models.CharField(max_length=255, primary_key=True)
    takes_mail = models.BooleanField(null=True, help_text="Unknown if the DNS did not answer.")
    checked_at = models.DateTimeField()

    objects: ClassVar[models.Manager[MailDomain]] = models.Manager()

    def __str__(self) -> str:
        return self.name
