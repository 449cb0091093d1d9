"""What staff say about each kind of change to many people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from subscribers.models import BulkChange, MailingList, Tag

Action = BulkChange.Action
LONGEST_STATEMENT = 1000


class BulkForm(forms.Form):
    """`up_to` is the newest person when staff read how many there are: whoever comes later is not meant."""

    up_to = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def arguments(self) -> dict[str, Any]:
        """In JSON, as `subscribers.bulk` reads them."""
        return {
            name: value.pk if isinstance(value, MailingList | Tag) else value
            for name, value in self.cleaned_data.items()
            if name != "up_to"
        }


def _list() -> forms.ModelChoiceField[MailingList]:
    return forms.ModelChoiceField(MailingList.objects.all(), label=_("List"), widget=UnfoldAdminSelectWidget)


class JoinForm(BulkForm):
    mailing_list = _list()
    statement = forms.CharField(
        label=_("Where the consent comes from"),
        max_length=LONGEST_STATEMENT,
        help_text=_("Kept with each person as the proof. Who left this list, or is suppressed, stays out."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )


class LeaveForm(BulkForm):
    mailing_list = _list()
    statement = forms.CharField(
        label=_("Why"),
        max_length=LONGEST_STATEMENT,
        required=False,
        help_text=_("Kept with each person."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )


class TagForm(BulkForm):
    tag = forms.CharField(
        label=_("Tag"),
        max_length=60,
        help_text=_("One that exists, or a new one."),
        widget=UnfoldAdminTextInputWidget(attrs={"list": "tags", "autocomplete": "off"}),
    )

    def arguments(self) -> dict[str, Any]:
        tag, _is_new = Tag.objects.get_or_create(name=self.cleaned_data["tag"])
        return {"tag": tag.pk}


class UntagForm(BulkForm):
    tag = forms.ModelChoiceField(Tag.objects.all(), label=_("Tag"), widget=UnfoldAdminSelectWidget)


class LanguageForm(BulkForm):
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, widget=UnfoldAdminSelectWidget)


class SuppressForm(BulkForm):
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=250,
        help_text=_("For your colleagues. These people get no more mail at all, until somebody lifts it one by one."),
        widget=UnfoldAdminTextInputWidget,
    )


class EraseForm(BulkForm):
    is_meant = forms.BooleanField(
        label=_("I know that nobody can bring these people back."),
        help_text=_("What remains is a fingerprint of each address, so that nobody mails them again."),
        widget=UnfoldBooleanWidget,
    )

    def arguments(self) -> dict[str, Any]:
        return {}


FORMS: dict[str, type[BulkForm]] = {
    Action.JOIN: JoinForm,
    Action.LEAVE: LeaveForm,
    Action.TAG: TagForm,
    Action.UNTAG: UntagForm,
    Action.LANGUAGE: LanguageForm,
    Action.SUPPRESS: SuppressForm,
    Action.ERASE: EraseForm,
}
