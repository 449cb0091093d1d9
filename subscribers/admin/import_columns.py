"""The form that says what the columns of a file hold."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from subscribers.models import Attribute, Import
from subscribers.models.attribute import PLAIN_NAME
from subscribers.transfer import describing, headings, mapping
from subscribers.transfer.faults import Fault, FileRefused
from subscribers.transfer.reading import Row
from subscribers.transfer.wording import explain

SHOWN_VALUES = 3
# What a column can be of which there may be several.
REPEATABLE = {headings.LISTS, headings.TAGS}
_PLAIN_NAME = re.compile(PLAIN_NAME)


class Column(NamedTuple):
    letter: str
    heading: str
    values: list[str]
    target: forms.BoundField
    described: list[forms.BoundField]
    """Name, label, kind and choices of a new attribute."""


class ColumnsForm(forms.Form):
    def __init__(self, received: Import, rows: Sequence[Row], data: Any = None) -> None:
        super().__init__(data)
        self._received = received
        self._values = [_values(rows, at) for at in range(len(received.columns))]
        self._choices = targets(self._known)
        for at in range(len(received.columns)):
            self._ask(at)

    @cached_property
    def _known(self) -> dict[str, Attribute]:
        return {each.name: each for each in Attribute.objects.all()}

    def _ask(self, at: int) -> None:
        heading, target = self._received.columns[at], self._received.mapping.get(str(at), "")
        kind, _colon, name = target.partition(":")
        name = name or headings.attribute_name(heading)
        facts = self._received.attributes.get(name, {})
        is_new = kind == headings.ATTRIBUTE and name not in self._known
        words = {"column": mapping.letter(at)}
        self.fields[f"target-{at}"] = forms.ChoiceField(
            label=_("What column %(column)s holds") % words,
            choices=self._choices,
            initial=kind if is_new else target,
            required=False,
            widget=UnfoldAdminSelectWidget(attrs={"class": "column-target"}),
        )
        self.fields[f"name-{at}"] = _text(_("Name in mails"), name, 60, "column-name")
        self.fields[f"label-{at}"] = _text(
            _("Name for staff"), facts.get("label") or _label(heading, at), 120, "column-label"
        )
        self.fields[f"kind-{at}"] = forms.ChoiceField(
            label=_("Kind of value"),
            choices=Attribute.Kind.choices,
            initial=facts.get("kind") or describing.kind_of(self._values[at]),
            required=False,
            widget=UnfoldAdminSelectWidget(attrs={"class": "column-kind"}),
        )
        choices = facts.get("choices") or describing.choices_of(self._values[at])
        self.fields[f"choices-{at}"] = _text(
            _("The choices, with commas between them"), ", ".join(choices), 2000, "column-choices"
        )

    def columns(self) -> list[Column]:
        return [
            Column(
                mapping.letter(at),
                heading,
                list(dict.fromkeys(self._values[at]))[:SHOWN_VALUES],
                self[f"target-{at}"],
                [self[f"{part}-{at}"] for part in ("name", "label", "kind", "choices")],
            )
            for at, heading in enumerate(self._received.columns)
        ]

    def clean(self) -> dict[str, Any]:
        found: dict[str, str] = {}
        described: dict[str, dict[str, Any]] = {}
        for at in range(len(self._received.columns)):
            target = self._target(at, described)
            if target and target in found.values() and target not in REPEATABLE:
                self.add_error(f"target-{at}", _("Another column holds this already."))
            elif target:
                found[str(at)] = target
        if headings.EMAIL not in found.values():
            raise forms.ValidationError(explain(FileRefused(Fault.NO_ADDRESS_COLUMN)))
        if headings.LISTS not in found.values() and not self._received.mailing_lists.exists():
            raise forms.ValidationError(_("Choose at least one list, or say which column names the lists."))
        self.cleaned_data |= {"mapping": found, "attributes": described}
        return self.cleaned_data

    def _target(self, at: int, described: dict[str, dict[str, Any]]) -> str:
        target = str(self.cleaned_data.get(f"target-{at}", ""))
        if target != headings.ATTRIBUTE:
            return target
        name = str(self.cleaned_data.get(f"name-{at}", "")).casefold()
        if not _PLAIN_NAME.fullmatch(name):
            self.add_error(f"name-{at}", _("Use letters, digits and underscores, and begin with a letter."))
        elif name in mapping.RESERVED:
            self.add_error(f"name-{at}", _("This name belongs to a field of its own."))
        elif name not in self._known:
            described[name] = self._facts(at)
        return f"{target}:{name}"

    def _facts(self, at: int) -> dict[str, Any]:
        """Of a new attribute, as an import keeps them."""
        kind = self.cleaned_data.get(f"kind-{at}") or Attribute.Kind.TEXT
        choices: list[str] = []
        if kind == Attribute.Kind.CHOICE:
            texts = [text.strip() for text in str(self.cleaned_data.get(f"choices-{at}", "")).split(",")]
            choices = list(dict.fromkeys(text for text in texts if text))
            if not choices:
                self.add_error(f"choices-{at}", _("A choice needs texts to choose from."))
        return {"kind": kind, "label": self.cleaned_data.get(f"label-{at}", ""), "choices": choices}


def targets(known: dict[str, Attribute]) -> list[tuple[str, Any]]:
    fields = {
        headings.EMAIL: _("Address"),
        headings.FIRST_NAME: _("First name"),
        headings.LAST_NAME: _("Last name"),
        headings.FULL_NAME: _("Full name"),
        headings.LANGUAGE: _("Language"),
        headings.TIME_ZONE: _("Time zone"),
        headings.LISTS: _("Lists"),
        headings.TAGS: _("Tags"),
    }
    listed = [(f"{headings.ATTRIBUTE}:{name}", f"{each} · {each.get_kind_display()}") for name, each in known.items()]
    attributes = [*listed, (headings.ATTRIBUTE, _("New attribute…"))]
    return [("", _("— leave out —")), (_("Fields"), list(fields.items())), (_("Attributes"), attributes)]


def _text(label: str, initial: str, longest: int, css: str) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget(attrs={"class": css, "spellcheck": "false"})
    return forms.CharField(label=label, initial=initial, max_length=longest, required=False, widget=widget)


def _label(heading: str, at: int) -> str:
    return "" if heading == mapping.letter(at) else heading[:120]


def _values(rows: Sequence[Row], at: int) -> list[str]:
    return [row.cells[at] for row in rows if at < len(row.cells) and row.cells[at]]
