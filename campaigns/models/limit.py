"""How many mails may still leave: a bucket of tokens that all workers share."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Limit(models.Model):
    """Tokens for one key, such as ``transport:3`` or ``campaign:7``.

    The row is locked while tokens are taken in the same transaction as the claim they are for. Its numbers
    are derived from the limit in force when it is used, so that changing a limit acts at once.
    """

    key = models.CharField(max_length=80, unique=True)
    tokens = models.FloatField(help_text="What was left at `counted_at`.")
    counted_at = models.DateTimeField(help_text="By the database's clock on PostgreSQL.")

    objects: ClassVar[models.Manager[Limit]] = models.Manager()

    class Meta:
        verbose_name = _("limit")
        verbose_name_plural = _("limits")

    def __str__(self) -> str:
        return self.key
