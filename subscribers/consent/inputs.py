"""What readers may tell about themselves besides their name: one plain input for each attribute."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from subscribers.models import Attribute

PREFIX: Final = "attribute_"
LONGEST_TEXT: Final = 500


def inputs(attributes: Iterable[Attribute]) -> dict[str, forms.Field]:
    """By their names in a form, labelled in the language that is active."""
    return {f"{PREFIX}{each.name}": _INPUTS[each.kind](label_of(each), each) for each in attributes}


def label_of(attribute: Attribute) -> str:
    written = {code.lower(): label for code, label in attribute.translations.items() if label}
    code = (get_language() or "").lower()
    return written.get(code) or written.get(code.partition("-")[0]) or str(attribute)


def facts(chosen: dict[str, Any]) -> dict[str, Any]:
    """As ``Subscriber.attributes`` holds them, without those that were left blank."""
    found = {name.removeprefix(PREFIX): value for name, value in chosen.items() if name.startswith(PREFIX)}
    return {name: as_json(value) for name, value in found.items() if value is not None and value != ""}


def as_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


def _text(label: str, attribute: Attribute) -> forms.Field:
    return forms.CharField(label=label, required=False, max_length=LONGEST_TEXT)


def _number(label: str, attribute: Attribute) -> forms.Field:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "dir": "ltr"})
    return forms.DecimalField(
        label=label, required=False, max_digits=18, decimal_places=6, localize=True, widget=widget
    )


def _date(label: str, attribute: Attribute) -> forms.Field:
    # Browsers show it as their reader writes dates, and send the ISO form.
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=False, input_formats=["%Y-%m-%d"], widget=widget)


def _boolean(label: str, attribute: Attribute) -> forms.Field:
    return forms.TypedChoiceField(
        label=label,
        required=False,
        choices=[("", "–"), ("True", _("yes")), ("False", _("no"))],
        coerce=lambda text: text == "True",
        empty_value=None,
    )


def _choice(label: str, attribute: Attribute) -> forms.Field:
    choices = [("", "–"), *((text, text) for text in attribute.choices)]
    return forms.ChoiceField(label=label, required=False, choices=choices)


_INPUTS: Final[dict[str, Callable[[str, Attribute], forms.Field]]] = {
    Attribute.Kind.TEXT: _text,
    Attribute.Kind.NUMBER: _number,
    Attribute.Kind.DATE: _date,
    Attribute.Kind.BOOLEAN: _boolean,
    Attribute.Kind.CHOICE: _choice,
}
