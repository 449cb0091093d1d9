"""How fast mail may leave, as one row of a form and as a few words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models.limit import Limited

NUMBERS = ("limit_per_second", "limit_per_hour", "limit_per_day")
FIELDS = (*NUMBERS, "spread_evenly")
FIELDSET = (
    gettext_lazy("Limits"),
    {
        "fields": [FIELDS],
        "description": gettext_lazy(
            "The most mails that may leave in any second, any hour and any day. Empty: no limit. "
            "Spread evenly: one mail after the other instead of small bursts."
        ),
    },
)


class LimitsForm(forms.ModelForm):  # type: ignore[type-arg]
    """The fieldset explains all of them at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {
            "limit_per_second": gettext_lazy("Per second"),
            "limit_per_hour": gettext_lazy("Per hour"),
            "limit_per_day": gettext_lazy("Per day"),
        }
        for name in self.fields.keys() & {*FIELDS}:
            self.fields[name].help_text = ""
            self.fields[name].label = words.get(name, self.fields[name].label)


def in_words(limited: Limited) -> str:
    """Such as “20 per second, 5,000 per hour”."""
    said = []
    if limited.limit_per_second:
        said.append(_("%(number)s per second") % {"number": intcomma(limited.limit_per_second)})
    if limited.limit_per_hour:
        said.append(_("%(number)s per hour") % {"number": intcomma(limited.limit_per_hour)})
    if limited.limit_per_day:
        said.append(_("%(number)s per day") % {"number": intcomma(limited.limit_per_day)})
    if said and limited.spread_evenly:
        said.append(_("spread evenly"))
    # As Django's own catalogs separate what is listed.
    return _(", ").join(said)
