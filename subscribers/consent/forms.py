"""What readers fill in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext_lazy as _

from subscribers.models import Subscriber, Subscription

from .flows import Preferences, open_to, preferences_of, shown_to


@dataclass(frozen=True)
class Row:
    number: int
    name: str
    description: str
    is_chosen: bool
    is_pending: bool

    @classmethod
    def of(cls, subscription: Subscription, *, is_chosen: bool) -> Row:
        mailing_list = subscription.mailing_list
        return cls(
            number=mailing_list.pk,
            name=mailing_list.name_in(get_language() or ""),
            description=mailing_list.description,
            is_chosen=is_chosen,
            is_pending=subscription.status == Subscription.Status.PENDING,
        )


class PreferencesForm(forms.Form):
    lists = forms.TypedMultipleChoiceField(coerce=int, required=False)
    language = forms.ChoiceField(label=_("Language"))
    first_name = forms.CharField(label=_("First name"), max_length=120, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=120, required=False)

    def __init__(self, subscriber: Subscriber, data: Any = None) -> None:
        """Accepts every list that the person may join; the page shows those in ``rows``."""
        now = preferences_of(subscriber)
        super().__init__(data, initial={**vars(now), "lists": [*now.lists]})
        self.subscriptions = shown_to(subscriber)
        self._field("lists").choices = [(each.pk, str(each)) for each in open_to(subscriber)]
        self._field("language").choices = language_choices(now.language)

    def clean_first_name(self) -> str:
        return " ".join(self.cleaned_data["first_name"].split())

    def clean_last_name(self) -> str:
        return " ".join(self.cleaned_data["last_name"].split())

    def preferences(self) -> Preferences:
        chosen = self.cleaned_data
        return Preferences(
            lists=frozenset(chosen["lists"]),
            language=chosen["language"],
            first_name=chosen["first_name"],
            last_name=chosen["last_name"],
        )

    @property
    def about(self) -> list[forms.BoundField]:
        return [self["language"], self["first_name"], self["last_name"]]

    def rows(self) -> list[Row]:
        """The lists to choose from, as chosen in the form or else as they are."""
        chosen = {str(number) for number in self["lists"].value() or []}
        return [Row.of(each, is_chosen=str(each.mailing_list_id) in chosen) for each in self.subscriptions]

    def _field(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field


def language_choices(current: str) -> list[tuple[str, str]]:
    """Our languages under their own names, and the reader's own if it is another one, such as pt-BR."""
    codes = [code for code, _name in settings.LANGUAGES]
    if current not in codes:
        codes.append(current)
    return [(code, own_name(code)) for code in codes]


def own_name(code: str) -> str:
    """``Deutsch`` for ``de``; the code itself for a language that Django does not know."""
    try:
        name = str(get_language_info(code.lower())["name_local"])
    except KeyError:
        return code
    return name[:1].upper() + name[1:]
