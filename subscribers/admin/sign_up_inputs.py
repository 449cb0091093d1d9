"""What staff fill in to make a sign-up form: inputs instead of raw JSON."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from subscribers.consent.sign_up_page import ATTRIBUTE, NAMES
from subscribers.models import Attribute, SignUpForm

from .translated import TranslatedForm, languages, name_in

LONGEST_TITLE: Final = 120
LONGEST_INTRODUCTION: Final = 1000


class SignUpFormForm(TranslatedForm):
    columns = ("titles", "introductions")

    asked_for = forms.MultipleChoiceField(
        label=_("What is asked for besides the address"),
        required=False,
        help_text=_("Nobody has to answer. The less you ask, the more sign up."),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    class Meta:
        model = SignUpForm
        fields = ("name", "slug", "is_active", "mailing_lists")
        widgets: ClassVar = {"mailing_lists": UnfoldAdminCheckboxSelectMultipleWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attributes = [(f"{ATTRIBUTE}{each.name}", str(each)) for each in Attribute.objects.all()]
        names = [(name, label) for name, (label, _fills) in NAMES.items()]
        if "asked_for" in self.fields:
            asked_for = self.fields["asked_for"]
            assert isinstance(asked_for, forms.MultipleChoiceField)
            asked_for.choices = [*names, ("time_zone", _("Time zone")), *attributes]
        self.initial["asked_for"] = self.instance.fields

    def save(self, commit: bool = True) -> SignUpForm:
        self.instance.fields = self.cleaned_data["asked_for"]
        saved: SignUpForm = super().save(commit)
        return saved


def words_fields() -> dict[str, forms.CharField]:
    """The admin wants to know the fields of a form before there is one."""
    titles = {
        name_in("titles", code): forms.CharField(
            label=_("Title"),
            required=False,
            max_length=LONGEST_TITLE,
            widget=UnfoldAdminTextInputWidget(attrs={"dir": "auto"}),
        )
        for code, _language in languages()
    }
    introductions = {
        name_in("introductions", code): forms.CharField(
            label=_("Introduction"),
            required=False,
            max_length=LONGEST_INTRODUCTION,
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "dir": "auto"}),
        )
        for code, _language in languages()
    }
    return titles | introductions
