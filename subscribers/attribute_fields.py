"""One input for each attribute, by its kind, instead of raw JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from django import forms
from django.utils.formats import date_format, localize
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from subscribers.consent.inputs import as_json
from subscribers.models import Attribute

PREFIX: Final = "attribute_"
LONGEST_TEXT: Final = 500
ISO_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
Kind = Attribute.Kind


def fields() -> dict[str, forms.Field]:
    """By the names of their inputs, in the order of the attributes."""
    return {
        f"{PREFIX}{attribute.name}": _FIELDS[Kind(attribute.kind)](attribute) for attribute in Attribute.objects.all()
    }


def shown(attributes: object) -> dict[str, Any]:
    """What stands in the inputs at first."""
    facts = attributes if isinstance(attributes, dict) else {}
    return {f"{PREFIX}{name}": fact for name, fact in facts.items()}


def stored(attributes: object, chosen: dict[str, Any]) -> dict[str, Any]:
    """The JSON after a form: blanks are absent, and what no input stands for stays."""
    facts = dict(attributes) if isinstance(attributes, dict) else {}
    for name, value in chosen.items():
        if name.startswith(PREFIX):
            facts[name.removeprefix(PREFIX)] = as_json(value)
    return {name: fact for name, fact in facts.items() if fact is not None and fact != ""}


def in_words(fact: Any) -> str:
    """A stored value as staff read it."""
    if isinstance(fact, bool):
        return gettext("yes") if fact else gettext("no")
    if isinstance(fact, str) and ISO_DATE.fullmatch(fact):
        try:
            return date_format(date.fromisoformat(fact), "DATE_FORMAT")
        except ValueError:
            return fact
    return "–" if fact is None else localize(fact) if isinstance(fact, float) else str(fact)


def _text(attribute: Attribute) -> forms.Field:
    widget = UnfoldAdminTextInputWidget(attrs={"dir": "auto"})
    return forms.CharField(label=str(attribute), required=False, max_length=LONGEST_TEXT, widget=widget)


def _number(attribute: Attribute) -> forms.Field:
    widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "dir": "ltr"})
    return forms.DecimalField(label=str(attribute), required=False, max_digits=18, localize=True, widget=widget)


def _date(attribute: Attribute) -> forms.Field:
    # Browsers show it as their reader writes dates, and send the ISO form.
    widget = forms.DateInput(format="%Y-%m-%d", attrs={**UnfoldAdminTextInputWidget().attrs, "type": "date"})
    return forms.DateField(label=str(attribute), required=False, input_formats=["%Y-%m-%d"], widget=widget)


def _boolean(attribute: Attribute) -> forms.Field:
    return forms.TypedChoiceField(
        label=str(attribute),
        required=False,
        choices=[("", "–"), ("True", _("yes")), ("False", _("no"))],
        coerce=lambda text: text == "True",
        empty_value=None,
        widget=UnfoldAdminSelectWidget,
    )


def _choice(attribute: Attribute) -> forms.Field:
    choices = [("", "–"), *((text, text) for text in attribute.choices)]
    return forms.ChoiceField(label=str(attribute), required=False, choices=choices, widget=UnfoldAdminSelectWidget)


_FIELDS: dict[Kind, Callable[[Attribute], forms.Field]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.BOOLEAN: _boolean,
    Kind.CHOICE: _choice,
}
