"""The forms of an import: the file, and what its columns hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from subscribers.models import Import, MailingList
from subscribers.transfer import delimited, headings, mapping
from subscribers.transfer.faults import Fault, FileRefused
from subscribers.transfer.reading import Row
from subscribers.transfer.wording import explain

SHOWN_VALUES = 3
_NAME = re.compile(r"[^\W\d]\w*")


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Spreadsheet"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.csv,.tsv,.txt", "class": "drop-input"}),
        error_messages={"empty": gettext_lazy("This file is empty."), "required": gettext_lazy("Choose a file.")},
    )
    mailing_lists = forms.ModelMultipleChoiceField(
        MailingList.objects.all(),
        label=gettext_lazy("Put these people on"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one list.")},
    )
    consent_statement = forms.CharField(
        label=gettext_lazy("Where does their consent come from?"),
        help_text=gettext_lazy(
            "Kept with each person as the proof: when, where and to what they agreed. "
            "Without consent they may not be mailed."
        ),
        widget=UnfoldAdminTextareaWidget(
            attrs={"rows": 3, "placeholder": gettext_lazy("Signed the list at our stand, spring fair, 3 May 2025")}
        ),
        max_length=2000,
    )
    existing = forms.ChoiceField(
        label=gettext_lazy("People we know already"),
        choices=Import.Existing.choices,
        initial=Import.Existing.FILL,
        widget=forms.RadioSelect,
    )


def encodings() -> list[tuple[str, str]]:
    """Those that can be chosen, named by what they are used for."""
    return [
        ("utf-8", _("Unicode (UTF-8)")),
        ("utf-8-sig", _("Unicode (UTF-8 with mark)")),
        ("utf-16", _("Unicode (UTF-16)")),
        ("utf-16-le", _("Unicode (UTF-16 LE)")),
        ("utf-16-be", _("Unicode (UTF-16 BE)")),
        ("cp1252", _("Western European (Windows)")),
        ("iso8859_15", _("Western European (ISO 8859-15)")),
        ("mac_roman", _("Western European (Macintosh)")),
        ("cp1250", _("Central European (Windows)")),
        ("cp1251", _("Cyrillic (Windows)")),
        ("koi8_r", _("Cyrillic (KOI8-R)")),
        ("cp1256", _("Arabic (Windows)")),
        ("cp932", _("Japanese (Shift JIS)")),
        ("euc_jp", _("Japanese (EUC)")),
        ("gb18030", _("Chinese, simplified (GB 18030)")),
        ("big5", _("Chinese, traditional (Big5)")),
        ("euc_kr", _("Korean (EUC)")),
    ]


def delimiters(present: str) -> list[tuple[str, str]]:
    names = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("vertical bar")}
    return [(sign, names.get(sign, sign)) for sign in dict.fromkeys([*delimited.DELIMITERS, present])]


class DialectForm(forms.Form):
    """How to read the file; only what matters for its kind."""

    def __init__(self, dialect: dict[str, Any], data: Any = None) -> None:
        super().__init__(data, initial=dialect)
        if dialect["kind"] == "workbook":
            sheets = [(name, name) for name in dialect["sheets"]]
            self.fields["sheet"] = forms.ChoiceField(
                label=_("Sheet"), choices=sheets, widget=UnfoldAdminSelectWidget, required=False
            )
        else:
            self.fields["encoding"] = forms.ChoiceField(
                label=_("Encoding"), choices=encodings(), widget=UnfoldAdminSelectWidget
            )
            self.fields["delimiter"] = forms.ChoiceField(
                label=_("Cells are divided by"),
                choices=delimiters(dialect["delimiter"]),
                widget=UnfoldAdminSelectWidget,
            )
            # A tab is blank space, which form fields strip.
            self.fields["delimiter"].to_python = str  # type: ignore[method-assign,assignment]
        self.fields["heading"] = forms.IntegerField(
            label=_("Headings are in row"),
            help_text=_("0 if there are none."),
            min_value=0,
            max_value=60,
            widget=UnfoldAdminIntegerFieldWidget,
        )


class Column(NamedTuple):
    letter: str
    heading: str
    values: list[str]
    target: forms.BoundField
    name: forms.BoundField


class ColumnsForm(forms.Form):
    def __init__(self, received: Import, data: Any = None) -> None:
        super().__init__(data)
        self._headings = received.columns
        choices = targets()
        for at, heading in enumerate(received.columns):
            kind, _colon, name = received.mapping.get(str(at), "").partition(":")
            self.fields[f"target-{at}"] = forms.ChoiceField(
                label=_("What column %(column)s holds") % {"column": mapping.letter(at)},
                choices=choices,
                initial=kind,
                required=False,
                widget=UnfoldAdminSelectWidget(attrs={"class": "column-target"}),
            )
            self.fields[f"name-{at}"] = forms.CharField(
                label=_("Name of the attribute in column %(column)s") % {"column": mapping.letter(at)},
                initial=name or headings.attribute_name(heading),
                max_length=60,
                required=False,
                widget=UnfoldAdminTextInputWidget(attrs={"class": "column-name", "spellcheck": "false"}),
            )

    def columns(self, rows: Sequence[Row]) -> list[Column]:
        return [
            Column(mapping.letter(at), heading, _values(rows, at), self[f"target-{at}"], self[f"name-{at}"])
            for at, heading in enumerate(self._headings)
        ]

    def clean(self) -> dict[str, Any]:
        found: dict[str, str] = {}
        for at in range(len(self._headings)):
            target = self._target(at)
            if target and target in found.values():
                self.add_error(f"target-{at}", _("Another column holds this already."))
            elif target:
                found[str(at)] = target
        if headings.EMAIL not in found.values():
            raise forms.ValidationError(explain(FileRefused(Fault.NO_ADDRESS_COLUMN)))
        self.cleaned_data["mapping"] = found
        return self.cleaned_data

    def _target(self, at: int) -> str:
        target = str(self.cleaned_data.get(f"target-{at}", ""))
        if target != headings.ATTRIBUTE:
            return target
        name = str(self.cleaned_data.get(f"name-{at}", "")).casefold()
        if not _NAME.fullmatch(name):
            self.add_error(f"name-{at}", _("Use letters, digits and underscores, and begin with a letter."))
        elif name in mapping.RESERVED:
            self.add_error(f"name-{at}", _("This name belongs to a field of its own."))
        return f"{target}:{name}"


def targets() -> list[tuple[str, str]]:
    labels = {
        headings.EMAIL: _("Address"),
        headings.FIRST_NAME: _("First name"),
        headings.LAST_NAME: _("Last name"),
        headings.FULL_NAME: _("Full name"),
        headings.LANGUAGE: _("Language"),
        headings.TIME_ZONE: _("Time zone"),
    }
    return [("", _("— leave out —")), *labels.items(), (headings.ATTRIBUTE, _("Attribute…"))]


def _values(rows: Sequence[Row], at: int) -> list[str]:
    found = [row.cells[at] for row in rows if at < len(row.cells) and row.cells[at]]
    return list(dict.fromkeys(found))[:SHOWN_VALUES]
