"""Facts about people beyond name and language, and what kind of value each of them has."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

PLAIN_NAME = r"[^\W\d]\w*"


class Attribute(models.Model):
    """What stands under `name` in ``Subscriber.attributes``, where blank values are absent."""

    class Kind(models.TextChoices):
        """In JSON: a string, a number, "2026-05-03", true or false, one of the choices."""

        TEXT = "text", _("text")
        NUMBER = "number", _("number")
        DATE = "date", _("date")
        BOOLEAN = "boolean", _("yes or no")
        CHOICE = "choice", _("choice")

    name = models.CharField(
        _("name"),
        max_length=60,
        unique=True,
        validators=[RegexValidator(rf"^{PLAIN_NAME}\Z", _("Use letters, digits and underscores."))],
        help_text=_("As authors write it: {{ company }}. It cannot be changed later."),
    )
    label = models.CharField(_("label"), max_length=120, blank=True, help_text=_("What staff read instead."))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.TEXT)
    choices = models.JSONField(_("choices"), default=list, blank=True, help_text="Of a choice: the texts.")
    is_open = models.BooleanField(
        _("open to readers"), default=False, help_text=_("They see and change it on their preference page.")
    )
    translations: models.JSONField[dict[str, str]] = models.JSONField(
        _("translated labels"),
        default=dict,
        blank=True,
        help_text="What readers see instead of the label, by language.",
    )
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    objects: ClassVar[models.Manager[Attribute]] = models.Manager()

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.label or self.name

    def clean(self) -> None:
        texts = self.choices if isinstance(self.choices, list) else [None]
        if not all(isinstance(text, str) and text for text in texts) or bool(texts) != (self.kind == self.Kind.CHOICE):
            raise ValidationError({"choices": _("A choice needs texts to choose from; other kinds have none.")})


class Tag(models.Model):
    """A word by which staff find people again."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    created_at = models.DateTimeField(_("added"), auto_now_add=True)

    objects: ClassVar[models.Manager[Tag]] = models.Manager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name
