"""What staff say about an export: its columns in their order, the kind of file and its name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextInputWidget

from subscribers.models import Export
from subscribers.transfer import exporting
from subscribers.transfer.candidates import clean
from subscribers.transfer.columns import Column, Selection, offered
from subscribers.transfer.formats import KINDS

LONGEST_NAME = 120
_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|]+')


class ExportForm(forms.Form):
    """`up_to` is the newest person when staff read how many there are: whoever comes later is not meant."""

    name = forms.CharField(label=gettext_lazy("File name"), max_length=LONGEST_NAME, widget=UnfoldAdminTextInputWidget)
    format = forms.ChoiceField(
        label=gettext_lazy("Kind of file"),
        choices=Export.Format.choices,
        initial=Export.Format.XLSX,
        help_text=gettext_lazy("Excel and other programs open both. Only the text has room for more than a million."),
        widget=UnfoldAdminRadioSelectWidget,
    )
    up_to = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, data: QueryDict | None, *, selection: Selection, newest: int, people: int) -> None:
        super().__init__(data, initial={"up_to": newest, "name": _("people %(date)s") % {"date": _today()}})
        self._people = people
        known = offered(selection)
        usual = [column.key for column in known if column.is_usual]
        self.columns = Arrangement(known, data.getlist("column") if data else usual)

    def clean_name(self) -> str:
        name = clean(_NOT_IN_FILE_NAMES.sub("-", self.cleaned_data["name"])).lstrip(".")
        if not name:
            raise ValidationError(_("A file needs a name."))
        return name

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or self.cleaned_data
        if not self.columns.chosen:
            raise ValidationError(_("Choose at least one column."))
        most = KINDS[chosen["format"]].most_rows if "format" in chosen else None
        if most is not None and self._people > most:
            self.add_error("format", exporting.too_many(most))
        return chosen

    def stated(self) -> dict[str, Any]:
        """As the fields of an export."""
        form = self.cleaned_data["format"]
        return {
            "name": f"{self.cleaned_data['name'].removesuffix(f'.{form}')}.{form}",
            "format": form,
            "columns": [column.key for column in self.columns.chosen],
        }


class Arrangement:
    """The columns of the file in their order, and those that could be added."""

    def __init__(self, known: Sequence[Column], keys: Sequence[str]) -> None:
        self._known = {column.key: column for column in known}
        self.chosen = [self._known[key] for key in dict.fromkeys(keys) if key in self._known]
        self.moved = ""

    @property
    def others(self) -> list[Column]:
        return [column for column in self._known.values() if column not in self.chosen]

    def arrange(self, data: Mapping[str, str]) -> bool:
        """Do what one of the buttons says; whether any was pressed."""
        for verb, do in (("up", self._up), ("down", self._down), ("remove", self.chosen.remove)):
            column = self._known.get(data.get(verb, ""))
            if column in self.chosen and column:
                self.moved = f"{verb}:{column.key}"
                do(column)
                return True
        if "add" in data:
            added = self._known.get(data.get("more", ""))
            self.chosen += [added] if added and added not in self.chosen else []
        return any(verb in data for verb in ("up", "down", "remove", "add"))

    def _up(self, column: Column) -> None:
        self._put(column, max(0, self.chosen.index(column) - 1))

    def _down(self, column: Column) -> None:
        self._put(column, self.chosen.index(column) + 1)

    def _put(self, column: Column, place: int) -> None:
        self.chosen.remove(column)
        self.chosen.insert(place, column)


def _today() -> str:
    return timezone.localdate().isoformat()
