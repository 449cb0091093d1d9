"""What staff fill in about people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from subscribers import addresses, attribute_fields, patterns
from subscribers.models import MailingList, Subscriber, Suppression

LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
MOST_ADDRESSES = 10_000
MOST_PROBLEMS = 20
NOT_BY_STAFF = (Suppression.Reason.ERASED, Suppression.Reason.PAUSED)


class MembershipForm(forms.Form):
    """The lists of one person, and the proof that they want to be on them."""

    lists = forms.ModelMultipleChoiceField(
        MailingList.objects.all(),
        label=gettext_lazy("Lists"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    statement = forms.CharField(
        label=gettext_lazy("Where the consent comes from"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy(
            "Needed whenever you add somebody, and kept as the proof: “Asked at the fair on 3 May, paper form 17”."
        ),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, current: frozenset[int] = frozenset(), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["lists"] = list(current)
        self.current = current

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or self.cleaned_data
        if self.joined() and not chosen.get("statement"):
            self.add_error("statement", needs_statement())
        return chosen

    def joined(self) -> list[MailingList]:
        return [each for each in self.cleaned_data.get("lists", []) if each.pk not in self.current]

    def left(self) -> set[int]:
        return set(self.current) - {each.pk for each in self.cleaned_data.get("lists", [])}


class SubscriberForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Subscriber
        fields = ("email", "first_name", "last_name", "language", "time_zone", "tags", "wants_digest", "may_track")

    may_track = forms.TypedChoiceField(
        label=gettext_lazy("May be counted by person"),
        # Of what was there before as well as of what was chosen, or each form would seem to change it.
        coerce=lambda answer: str(answer) == "True",
        empty_value=None,
        required=False,
        error_messages={"required": gettext_lazy("This reader refused to be counted. Only they can allow it again.")},
        help_text=gettext_lazy("Whether openings and clicks are counted. Only readers themselves can agree to it."),
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "may_track" in self.fields:
            may_track = self.fields["may_track"]
            assert isinstance(may_track, forms.ChoiceField)
            may_track.choices = answers_left(self.instance.may_track)
            may_track.required = self.instance.may_track is False
        self.initial.update(attribute_fields.shown(self.instance.attributes))

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or self.cleaned_data
        self.instance.attributes = attribute_fields.stored(self.instance.attributes, chosen)
        return chosen

    def clean_language(self) -> str:
        language: str = self.cleaned_data["language"].strip()
        if language and not LANGUAGE.fullmatch(language):
            raise ValidationError(_("This is no language code. Write it like de or pt-BR."))
        return language


def answers_left(may_track: bool | None) -> Sequence[tuple[str, str | Promise]]:
    """What staff can say for somebody who said that: nothing that would count more of them."""
    answers = [("True", gettext_lazy("yes")), ("", gettext_lazy("only in sums")), ("False", gettext_lazy("not at all"))]
    return answers[{True: 0, None: 1, False: 2}[may_track] :]


class NewSubscriberForm(SubscriberForm):
    lists = MembershipForm.base_fields["lists"]
    statement = MembershipForm.base_fields["statement"]

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or self.cleaned_data
        if chosen.get("lists") and not chosen.get("statement"):
            self.add_error("statement", needs_statement())
        return chosen


class SuppressForm(forms.Form):
    """Addresses and domains to be left alone, one on each line."""

    addresses = forms.CharField(
        label=gettext_lazy("Addresses or domains"),
        help_text=gettext_lazy(
            "One on each line. Of addresses only fingerprints are stored. "
            "example.org stops everybody at this domain, *.example.org also everybody below it."
        ),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 8, "dir": "ltr", "spellcheck": "false"}),
    )
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=[(each.value, each.label) for each in Suppression.Reason if each not in NOT_BY_STAFF],
        initial=Suppression.Reason.MANUAL,
        widget=UnfoldAdminSelectWidget,
    )
    mailing_list = forms.ModelChoiceField(
        MailingList.objects.all(),
        label=gettext_lazy("List"),
        required=False,
        empty_label=gettext_lazy("all mail"),
        widget=UnfoldAdminSelectWidget,
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("Empty: for good."),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date", "dir": "ltr"}),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=250,
        help_text=gettext_lazy("For your colleagues. Do not write the address here."),
        widget=UnfoldAdminTextInputWidget,
    )

    def clean_addresses(self) -> tuple[list[str], list[str]]:
        """Addresses and domains, each once; all or none, so that a corrected list can simply be sent again."""
        lines = [line.strip() for line in self.cleaned_data["addresses"].splitlines()]
        if len(lines) > MOST_ADDRESSES:
            raise ValidationError(_("At most %(number)d addresses at once.") % {"number": MOST_ADDRESSES})
        found: dict[str, None] = {}
        domains: dict[str, None] = {}
        problems: list[str] = []
        for number, line in enumerate(lines, start=1):
            if not line:
                continue
            try:
                if "@" in line.lstrip("@"):
                    found[addresses.normalise(line)] = None
                else:
                    domains[patterns.normalise(line)] = None
            except (addresses.AddressRefused, patterns.PatternRefused) as error:
                problems.append(_("Line %(number)d: %(problem)s") % {"number": number, "problem": error})
        if problems:
            raise ValidationError(problems[:MOST_PROBLEMS])
        return list(found), list(domains)

    def clean_expires_on(self) -> datetime | None:
        """The end of that day."""
        day = self.cleaned_data["expires_on"]
        if day is None:
            return None
        if day < timezone.localdate():
            raise ValidationError(_("This day is over."))
        return timezone.make_aware(datetime.combine(day, time.max))


class SuppressionFileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "A workbook or a text file as exported here, or any with addresses or domains in its first column."
        ),
        widget=forms.FileInput(attrs={"class": "people-input", "accept": ".csv,.tsv,.txt,.xlsx,.xlsm"}),
    )
    reason = SuppressForm.base_fields["reason"]


def needs_statement() -> str:
    return _("Write where the consent comes from: without it nobody can be added.")
