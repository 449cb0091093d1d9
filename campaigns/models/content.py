"""What staff write, the frame around it, and what it was frozen to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from tinymce.models import HTMLField

from .campaign import Campaign


class Content(models.Model):
    """A campaign in one language, as its author wrote it."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="contents")
    language = models.CharField(_("language"), max_length=20)
    subject = models.CharField(_("subject"), max_length=250)
    preheader = models.CharField(
        _("preheader"), max_length=250, blank=True, help_text=_("The line that inboxes show after the subject.")
    )
    body_html = HTMLField(_("body"))
    body_text = models.TextField(
        _("text part"), blank=True, help_text=_("For readers without HTML. Empty: made from the body.")
    )
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[models.Manager[Content]] = models.Manager()

    class Meta:
        verbose_name = _("content")
        verbose_name_plural = _("contents")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "language"], name="content_once_per_language"),
        ]

    def __str__(self) -> str:
        return f"{self.language}: {self.subject}"


class Edition(models.Model):
    """A campaign in one language as it was frozen when sending started; later edits change nothing.

    Holds everything that a mail needs besides its recipient, so that "what they got" can be shown for ever.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="editions")
    language = models.CharField(max_length=20)
    subject = models.TextField(help_text="With placeholders.")
    html = models.TextField(help_text="Layout and body in one, CSS inlined, with placeholders.")
    text = models.TextField(help_text="With placeholders.")
    digest = models.CharField(max_length=64, help_text="SHA-256 over subject, html and text.")
    origin = models.JSONField(default=dict, help_text="From whom and by which list: composition.origin.Origin.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Edition]] = models.Manager()

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "language"], name="edition_once_per_language"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} · {self.language}"
