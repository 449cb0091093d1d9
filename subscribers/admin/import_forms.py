"""The form that says how a file is read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from subscribers.transfer import delimited


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
            self.fields["hidden"] = forms.BooleanField(label=_("Read hidden rows and columns too"), required=False)
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
