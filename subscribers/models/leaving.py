"""Why readers leave, as far as they say it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class LeavingReason(models.Model):
    """One of those that the page offers to whoever has left."""

    words = models.CharField(_("words"), max_length=120)
    translations: models.JSONField[dict[str, str]] = models.JSONField(
        _("translations"), default=dict, blank=True, help_text="By language."
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    is_active = models.BooleanField(_("offered"), default=True)

    objects: ClassVar[models.Manager[LeavingReason]] = models.Manager()

    class Meta:
        verbose_name = _("reason for leaving")
        verbose_name_plural = _("reasons for leaving")
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.words

    def words_in(self, language: str) -> str:
        """For a reader of this language, falling back as ``pt-BR`` → ``pt`` → the plain words."""
        translations = {code.lower(): words for code, words in self.translations.items()}
        code = language.lower()
        return translations.get(code) or translations.get(code.partition("-")[0]) or self.words
