"""One line of the send log."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .delivery import Delivery
from .transport import Transport


class Attempt(models.Model):
    """One try to hand one mail over. Append-only."""

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        DEFERRED = "deferred", _("try again later")
        REFUSED = "refused", _("recipient refused")
        REJECTED = "rejected", _("we were rejected")
        UNAVAILABLE = "unavailable", _("server not available")
        UNKNOWN = "unknown", _("no answer after the mail was handed over")
        INVALID = "invalid", _("could not be made")

    # Neither is checked by the database: that costs more than the line itself, and one is written for each mail.
    delivery = models.ForeignKey(
        Delivery, models.CASCADE, db_constraint=False, related_name="attempts", verbose_name=_("delivery")
    )
    transport = models.ForeignKey(
        Transport,
        models.SET_NULL,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("transport"),
    )
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome)
    code = models.PositiveSmallIntegerField(_("code"), null=True, help_text="The reply code of RFC 5321, if any.")
    answer = models.TextField(_("answer"), blank=True, help_text="The server's words, or ours if there was no server.")
    duration_ms = models.PositiveIntegerField(_("duration in ms"), null=True)
    tried_at = models.DateTimeField(_("when"), default=timezone.now)

    objects: ClassVar[models.Manager[Attempt]] = models.Manager()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.answer}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("The send log is append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("The send log is append-only.")
