"""One input for each of our languages instead of the raw JSON in which translations are stored."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.conf import settings
from unfold.widgets import UnfoldAdminTextInputWidget

LONGEST: Final = 120


def name_in(code: str) -> str:
    return f"translation_{code.replace('-', '_')}"


def inputs() -> dict[str, forms.CharField]:
    """The admin wants to know the fields of a form before there is one."""
    return {
        name_in(code): forms.CharField(
            label=language, max_length=LONGEST, required=False, widget=UnfoldAdminTextInputWidget(attrs={"dir": "auto"})
        )
        for code, language in settings.LANGUAGES
    }


def rows() -> list[tuple[str, ...]]:
    """Two languages beside each other."""
    names = [name_in(code) for code, _language in settings.LANGUAGES]
    return [tuple(names[at : at + 2]) for at in range(0, len(names), 2)]


class TranslatedForm(forms.ModelForm):  # type: ignore[type-arg]
    """Of a model with `translations`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, _language in settings.LANGUAGES:
            self.initial[name_in(code)] = self.instance.translations.get(code, "")

    def save(self, commit: bool = True) -> Any:
        chosen = {
            code: self.cleaned_data[name_in(code)]
            for code, _language in settings.LANGUAGES
            if name_in(code) in self.cleaned_data
        }
        translations = {**self.instance.translations, **chosen}
        self.instance.translations = {code: text for code, text in translations.items() if text}
        return super().save(commit)
