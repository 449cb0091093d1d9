"""What one can subscribe to."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .brand import Brand

# No list has this label: mail that goes to segments without a list comes by all lists, and says so in its List-Id.
ALL_LISTS = "all"


class MailingList(models.Model):
    class OptIn(models.TextChoices):
        SINGLE = "single", _("single opt-in")
        DOUBLE = "double", _("double opt-in")

    class Tracking(models.TextChoices):
        """From the strictest on. What goes to several lists is tracked as the strictest of them allows."""

        OFF = "off", _("nothing")
        AGGREGATE = "aggregate", _("sums only, of nobody in particular")
        PERSON = "person", _("by person, of those who agreed; of others sums only")

    name = models.CharField(_("name"), max_length=120)
    names = models.JSONField(
        _("translated names"),
        default=dict,
        blank=True,
        help_text=_("What subscribers read, by language: {“de”: “Neuigkeiten”}. Without an entry they read the name."),
    )
    label = models.SlugField(
        pgettext_lazy("in a List-Id", "label"),
        max_length=60,
        unique=True,
        help_text=_(
            "Stands in the List-Id header, by which readers filter their mail. Keep it when you rename the list."
        ),
    )
    description = models.TextField(_("description"), blank=True)
    is_public = models.BooleanField(
        _("public"), default=True, help_text=_("Subscribers see it among their preferences and can choose it.")
    )
    opt_in = models.CharField(_("opt-in"), max_length=10, choices=OptIn, default=OptIn.DOUBLE)
    brand = models.ForeignKey(
        Brand,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="mailing_lists",
        verbose_name=_("brand"),
        help_text=_("How its pages and its own mails look; empty: plain."),
    )
    tracking = models.CharField(
        _("what is counted of openings and clicks"), max_length=10, choices=Tracking, default=Tracking.OFF
    )
    has_digest = models.BooleanField(
        _("has a digest"),
        default=False,
        help_text=_("Readers may then choose to get nothing but the campaigns that are marked as a digest."),
    )
    has_archive = models.BooleanField(
        _("public archive"), default=False, help_text=_("Everybody can read on the web what was sent to it.")
    )
    needs_proof_of_work = models.BooleanField(
        _("proof of work"),
        default=False,
        help_text=_("Whoever signs up lets their browser compute for a moment, which bots avoid. It needs JavaScript."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects: ClassVar[models.Manager[MailingList]] = models.Manager()

    class Meta:
        verbose_name = _("list")
        verbose_name_plural = _("lists")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        names = self.names
        if not isinstance(names, dict) or not all(isinstance(value, str) for value in names.values()):
            raise ValidationError({"names": _("Write one name for each language, like {“de”: “Neuigkeiten”}.")})
        if self.label.lower() == ALL_LISTS:
            raise ValidationError({"label": _("This label means all lists together. Choose another one.")})

    def name_in(self, language: str) -> str:
        """The name for a reader of this language, falling back as ``pt-BR`` → ``pt`` → the plain name."""
        names = {code.lower(): name for code, name in self.names.items()}
        code = language.lower()
        return names.get(code) or names.get(code.partition("-")[0]) or self.name
