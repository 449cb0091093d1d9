"""Who a mail is from."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from subscribers import addresses


class Sender(models.Model):
    name = models.CharField(_("name"), max_length=120, help_text=_("What readers see as the sender."))
    email = models.CharField(_("from address"), max_length=254)
    reply_to = models.CharField(_("reply address"), max_length=254, blank=True)
    postal_address = models.TextField(
        _("postal address"), help_text=_("The law wants it in every campaign mail; it stands in the footer.")
    )
    unsubscribe_mailbox = models.CharField(
        _("unsubscribe mailbox"),
        max_length=254,
        blank=True,
        help_text=_("Receives unsubscribe requests by mail; empty: the from address."),
    )

    objects: ClassVar[models.Manager[Sender]] = models.Manager()

    class Meta:
        verbose_name = _("sender")
        verbose_name_plural = _("senders")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"

    def clean(self) -> None:
        errors: dict[str, str] = {}
        for field in ("email", "reply_to", "unsubscribe_mailbox"):
            text = getattr(self, field)
            if not text:
                continue
            try:
                setattr(self, field, addresses.normalise(text))
            except addresses.AddressRefused as error:
                errors[field] = str(error)
        if any(ord(character) < 32 for character in self.name):
            errors["name"] = str(_("The name may not hold line breaks or control characters."))
        if errors:
            raise ValidationError(errors)

    @property
    def domain(self) -> str:
        """The right side of Message-ID and List-Id."""
        return addresses.domain_of(self.email)
