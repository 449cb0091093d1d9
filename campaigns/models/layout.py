"""The frame around contents."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Layout(models.Model):
    name = models.CharField(_("name"), max_length=120)
    label = models.SlugField(max_length=60, unique=True, help_text=_("A short name for imports and updates."))
    html = models.TextField(
        _("HTML"), help_text=_("A whole document with its CSS in <style>; {{ body }} stands where the content goes.")
    )

    objects: ClassVar[models.Manager[Layout]] = models.Manager()

    class Meta:
        verbose_name = _("layout")
        verbose_name_plural = _("layouts")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name
