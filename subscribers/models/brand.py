"""How pages and mails look to the readers of a list."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

COLOUR = RegexValidator(r"^#[0-9a-f]{6}\Z", _("Write a colour like #0a6b4b."))


class Brand(models.Model):
    name = models.CharField(_("name"), max_length=120, help_text=_("What readers see at the top of each page."))
    accent = models.CharField(
        _("colour"), max_length=7, default="#0a6b4b", validators=[COLOUR], help_text=_("Of buttons and links.")
    )
    paper = models.CharField(_("background"), max_length=7, default="#faf8f4", validators=[COLOUR])
    logo = models.FileField(_("logo"), upload_to="brands", blank=True, help_text=_("PNG, JPEG, GIF or WebP."))
    footers: models.JSONField[dict[str, str]] = models.JSONField(
        _("footers"), default=dict, blank=True, help_text="By language; the empty one for all others."
    )
    texts: models.JSONField[dict[str, dict[str, str]]] = models.JSONField(
        _("texts"), default=dict, blank=True, help_text="By name and language: consent.brands says which there are."
    )
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects: ClassVar[models.Manager[Brand]] = models.Manager()

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name
