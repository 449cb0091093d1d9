"""The editor of bodies: TinyMCE with our merge fields, in the direction of the language that is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.templatetags.static import static
from django.utils import translation
from django.utils.translation import gettext as _
from tinymce import settings as tinymce_settings
from tinymce.widgets import TinyMCE

from campaigns.admin.merge_fields import MergeField
from campaigns.composition.localize import direction


class Editor(TinyMCE):
    def __init__(self, language: str = "", merge_fields: Sequence[MergeField] = ()) -> None:
        super().__init__()
        self.language = language
        self.merge_fields = merge_fields

    def get_mce_config(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return {
            **super().get_mce_config(attrs),
            "directionality": direction(self.language),
            "content_css": static("staff/editor-body.css"),
            "merge_fields": self.options(),
            "merge_words": {
                "button": _("Merge field"),
                "condition": _("Show the selection only if known…"),
            },
        }

    def options(self) -> list[dict[str, str]]:
        # What stands in for a missing name is written in the language of the mail, not of the staff.
        with translation.override(self.language or translation.get_language()):
            return [field.as_option() for field in self.merge_fields]

    @property
    def media(self) -> forms.Media:
        # The order counts: ours changes the editor's defaults before the last one starts it.
        return forms.Media(
            js=[tinymce_settings.get_js_url(), "staff/editor.js", "django_tinymce/init_tinymce.js"],
        )
