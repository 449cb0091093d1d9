"""What staff state of the people in a file: the lists, the consent, the tags; and the file itself."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.files.base import File
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from subscribers.models import Import, MailingList, Tag
from subscribers.transfer import pasting
from subscribers.transfer.candidates import LONGEST_TAG

LONGEST_PASTE = 1_000_000


class Consent(models.TextChoices):
    EXPRESS = "express", gettext_lazy("They agreed, as described above")
    CONFIRM = "confirm", gettext_lazy("Ask each of them by mail to confirm, and send no campaign before")
    IMPLIED = "implied", gettext_lazy("It is only implied, and holds until a date")


class StatedForm(forms.Form):
    mailing_lists = forms.ModelMultipleChoiceField(
        MailingList.objects.all(),
        label=gettext_lazy("Put these people on"),
        help_text=gettext_lazy("None is needed if a column of the file names the lists."),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        help_text=gettext_lazy("Words by which you find these people again, with commas between them."),
        widget=UnfoldAdminTextInputWidget(attrs={"list": "known-tags", "autocomplete": "off"}),
        max_length=500,
        required=False,
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
    consent = forms.ChoiceField(
        label=gettext_lazy("What kind of consent is it?"),
        choices=Consent.choices,
        initial=Consent.EXPRESS,
        widget=forms.RadioSelect,
        required=False,
    )
    consent_until = forms.DateField(
        label=gettext_lazy("Holds until"),
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        required=False,
    )
    existing = forms.ChoiceField(
        label=gettext_lazy("People we know already"),
        help_text=gettext_lazy(
            "Whoever left a list stays off it, and suppressed addresses stay suppressed, whatever the file says."
        ),
        choices=Import.Existing.choices,
        initial=Import.Existing.FILL,
        widget=forms.RadioSelect,
    )
    checks_domains = forms.BooleanField(
        label=gettext_lazy("Look whether each domain takes mail"),
        help_text=gettext_lazy(
            "Addresses at domains that do not exist, or say that they take no mail, are then left out. "
            "It takes longer; a domain that does not answer in time is taken to be right."
        ),
        required=False,
    )

    @staticmethod
    def told(of: Import) -> dict[str, Any]:
        """What was stated, as this form asks for it."""
        expires_at = of.consent_expires_at
        consent = Consent.IMPLIED if expires_at else Consent.CONFIRM if of.needs_confirmation else Consent.EXPRESS
        return {
            "mailing_lists": of.mailing_lists.all(),
            "tags": ", ".join(tag.name for tag in of.tags.all()),
            "consent_statement": of.consent_statement,
            "consent": consent,
            "consent_until": timezone.localtime(expires_at).date().isoformat() if expires_at else None,
            "existing": of.existing,
            "checks_domains": of.checks_domains,
        }

    def known_tags(self) -> list[str]:
        return list(Tag.objects.values_list("name", flat=True)[:200])

    def clean_tags(self) -> list[str]:
        names = [" ".join(name.split()) for name in self.cleaned_data["tags"].split(",")]
        names = list(dict.fromkeys(name for name in names if name))
        if any(len(name) > LONGEST_TAG for name in names):
            raise forms.ValidationError(_("A tag is at most 60 characters long."))
        return names

    def clean_consent_until(self) -> date | None:
        until: date | None = self.cleaned_data["consent_until"]
        if self.cleaned_data.get("consent") != Consent.IMPLIED:
            return None
        if until is None:
            raise forms.ValidationError(_("Say until when it holds."))
        if until < timezone.localdate():
            raise forms.ValidationError(_("This day is over: nobody of these people could be mailed."))
        return until

    def stated(self) -> dict[str, Any]:
        """As `intake` takes it."""
        told = self.cleaned_data
        until = told["consent_until"]
        return {
            "mailing_lists": told["mailing_lists"],
            "tags": told["tags"],
            "consent_statement": told["consent_statement"],
            "needs_confirmation": told["consent"] == Consent.CONFIRM,
            "consent_expires_at": _end_of(until) if until else None,
            "existing": told["existing"],
            "checks_domains": told["checks_domains"],
        }


class UploadForm(StatedForm):
    file = forms.FileField(
        label=gettext_lazy("Spreadsheet"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xlsm,.csv,.tsv,.txt", "class": "drop-input"}),
        error_messages={"empty": gettext_lazy("This file is empty.")},
        required=False,
    )
    pasted = forms.CharField(
        label=gettext_lazy("Or paste the rows here"),
        help_text=gettext_lazy("Cells copied from a spreadsheet, or nothing but addresses."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5, "spellcheck": "false", "dir": "auto"}),
        max_length=LONGEST_PASTE,
        strip=False,
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        has_text = bool(str(self.cleaned_data.get("pasted", "")).strip())
        if self.cleaned_data.get("file") and has_text:
            self.add_error("pasted", _("Upload a file or paste rows, but not both at once."))
        elif not self.cleaned_data.get("file") and not has_text and not self.errors.keys() & {"file", "pasted"}:
            self.add_error("file", _("Choose a file, or paste the rows below."))
        return self.cleaned_data

    def rows(self) -> tuple[File[bytes], str]:
        """The file and its name."""
        uploaded = self.cleaned_data["file"]
        if uploaded:
            return uploaded, uploaded.name
        return pasting.as_file(self.cleaned_data["pasted"]), _("Pasted rows")


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
