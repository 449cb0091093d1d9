"""One input for each of our languages instead of the raw JSON in which words by language are stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

LONGEST: Final = 120
# The words for whoever reads none of the others.
OTHERS: Final = ("", _("For readers of all other languages"))


def languages() -> list[tuple[str, str | Promise]]:
    return [OTHERS, *settings.LANGUAGES]


def name_in(column: str, code: str) -> str:
    return f"{column}_{code.replace('-', '_') or 'others'}"


def inputs(column: str = "translations") -> dict[str, forms.CharField]:
    """The admin wants to know the fields of a form before there is one."""
    return {
        name_in(column, code): forms.CharField(
            label=language, max_length=LONGEST, required=False, widget=UnfoldAdminTextInputWidget(attrs={"dir": "auto"})
        )
        for code, language in settings.LANGUAGES
    }


def rows(column: str = "translations") -> list[tuple[str, ...]]:
    """Two languages beside each other."""
    names = [name_in(column, code) for code, _language in settings.LANGUAGES]
    return [tuple(names[at : at + 2]) for at in range(0, len(names), 2)]


def written(words: Mapping[str, str], column: str, typed: Mapping[str, Any]) -> dict[str, str]:
    """By language; those that nobody was asked for stay as they are."""
    asked = {code: typed[name] for code, _language in languages() if (name := name_in(column, code)) in typed}
    return {code: text for code, text in {**words, **asked}.items() if text}


class TranslatedForm(forms.ModelForm):  # type: ignore[type-arg]
    columns: ClassVar[tuple[str, ...]] = ("translations",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for column in self.columns:
            words = getattr(self.instance, column)
            self.initial.update({name_in(column, code): words.get(code, "") for code, _language in languages()})

    def save(self, commit: bool = True) -> Any:
        for column in self.columns:
            setattr(self.instance, column, written(getattr(self.instance, column), column, self.cleaned_data))
        return super().save(commit)
