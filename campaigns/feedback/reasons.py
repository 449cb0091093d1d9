"""Why somebody left, if they like to say so."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.db.models import Q
from django.utils.translation import get_language

from campaigns.models import Event
from subscribers.models import LeavingReason

LONGEST: Final = 500


class ReasonChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.words_in(get_language() or ""))


class ReasonForm(forms.Form):
    """Shows what was said before, also if that reason is no longer offered."""

    reason = ReasonChoice(LeavingReason.objects.none(), required=False, empty_label=None, widget=forms.RadioSelect)
    words = forms.CharField(
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def __init__(self, event: Event, data: Any = None) -> None:
        super().__init__(data, initial={"reason": event.reason_id, "words": event.words})
        offered = LeavingReason.objects.filter(Q(is_active=True) | Q(pk=event.reason_id))
        field = self.fields["reason"]
        assert isinstance(field, ReasonChoice)
        field.queryset = offered


def form_for(event: Event | None) -> ReasonForm | None:
    return ReasonForm(event) if event else None
