"""What staff fill in to compose a campaign."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import Count, Q
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from campaigns.admin import limits
from campaigns.admin.editor import Editor
from campaigns.admin.languages import canonical, name_of
from campaigns.admin.merge_fields import MergeField
from campaigns.composition import authoring
from campaigns.composition.localize import direction
from campaigns.models import Campaign, Content, Layout, Sender
from subscribers import addresses
from subscribers.models import MailingList, Segment, Subscription

# What inboxes show before they cut a line off.
SUBJECT_SHOWN = 60
PREHEADER_SHOWN = 100
MOST_TRIALS = 10
LONELY_TAGS = re.compile(r"<p[^>]*>\s*((?:{%[^%<>]*%}\s*)+)</p>")
SEPARATORS = re.compile(r"[,;\n\r]+\s*")


class CountedListsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Says how many people are active on each list; asking costs a look at all subscriptions."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget

    def __init__(self, **kwargs: Any) -> None:
        active = Count("subscriptions", filter=Q(subscriptions__status=Subscription.Status.ACTIVE))
        super().__init__(MailingList.objects.annotate(people=active).order_by("name"), **kwargs)

    def label_from_instance(self, mailing_list: Any) -> str:
        people: int = mailing_list.people
        words = ngettext("%(name)s · %(people)s person", "%(name)s · %(people)s people", people)
        return words % {"name": mailing_list.name, "people": number_format(people, force_grouping=True)}


class SegmentsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Says how many people were in each segment when it was counted, which takes too long to be done here."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Segment.objects.all(), required=False, **kwargs)

    def label_from_instance(self, segment: Any) -> str:
        if segment.people is None:
            return str(segment)
        words = ngettext("%(name)s · %(people)s person", "%(name)s · %(people)s people", segment.people)
        return words % {"name": segment.name, "people": number_format(segment.people, force_grouping=True)}


class CampaignForm(limits.LimitsForm):
    mailing_lists = CountedListsField(
        label=_("Send to"), required=False, help_text=_("Everybody active on any of them.")
    )
    excluded_lists = forms.ModelMultipleChoiceField(
        MailingList.objects.order_by("name"),
        label=_("But not to"),
        required=False,
        help_text=_("Nobody active on any of these."),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    segments = SegmentsField(
        label=_("Only to the segments"),
        help_text=_("Of the people on these lists, those in any of these; without a list, of everybody on any list."),
    )
    excluded_segments = SegmentsField(label=_("But not to the segments"), help_text=_("Nobody in any of these."))
    welcomes = forms.ModelChoiceField(
        MailingList.objects.order_by("name"),
        label=_("Welcome mail of"),
        required=False,
        empty_label=_("No: it goes once, to the people above"),
        help_text=_("Once switched on, it goes to each person who joins this list of their own wish."),
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = Campaign
        fields: ClassVar = [
            "name",
            "layout",
            "sender",
            "mailing_lists",
            "excluded_lists",
            "segments",
            "excluded_segments",
            "welcomes",
            "default_language",
            *limits.FIELDS,
            "is_digest",
            "in_archive",
        ]
        widgets: ClassVar = {"default_language": UnfoldAdminTextInputWidget(attrs={"list": "language-codes"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists = self.fields.get("mailing_lists")
        if lists and not MailingList.objects.exists():
            lists.help_text = _("There is no list yet. Import people or add a list first.")
        sender = self.fields.get("sender")
        if isinstance(sender, forms.ModelChoiceField):
            # Isolated, or a right-to-left page would tear the angle brackets off the address.
            isolated = "\N{FIRST STRONG ISOLATE}{}\N{POP DIRECTIONAL ISOLATE}".format
            sender.label_from_instance = isolated  # type: ignore[method-assign]

        if not Segment.objects.exists():
            for name in self.fields.keys() & {"segments", "excluded_segments"}:
                self.fields[name].help_text = _("There is no segment yet.")

    def clean_default_language(self) -> str:
        return canonical(self.cleaned_data["default_language"])

    def clean(self) -> dict[str, Any]:
        stated = super().clean() or self.cleaned_data
        if welcomed := stated.get("welcomes"):
            # They leave that list by it, and nobody else is addressed.
            nobody: dict[str, Any] = {"excluded_lists": [], "segments": [], "excluded_segments": []}
            return stated | nobody | {"mailing_lists": [welcomed], "in_archive": False}
        chosen = [stated.get(name) for name in ("mailing_lists", "segments")]
        if {"mailing_lists", "segments"} <= self.fields.keys() and not any(chosen):
            self.add_error("mailing_lists", _("Choose at least one list or segment."))
        return stated


class ContentForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Content
        fields: ClassVar = ["language", "subject", "preheader", "body_html", "body_text"]
        widgets: ClassVar = {
            "language": UnfoldAdminTextInputWidget(attrs={"list": "language-codes", "autocapitalize": "off"}),
            "subject": UnfoldAdminTextInputWidget(attrs={"data-count": SUBJECT_SHOWN}),
            "preheader": UnfoldAdminTextInputWidget(attrs={"data-count": PREHEADER_SHOWN}),
            "body_text": UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, merge_fields: Sequence[MergeField], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {field.name for field in merge_fields}
        if "body_html" not in self.fields:
            return
        language = self.language_code
        self.fields["body_html"].widget = Editor(language, merge_fields)
        for name in ("subject", "preheader", "body_text"):
            words = {"data-written": "", "dir": direction(language), "lang": language}
            self.fields[name].widget.attrs.update({key: value for key, value in words.items() if language or not value})

    @property
    def language_code(self) -> str:
        """What the author wrote, even if it is not valid."""
        return str(self["language"].value() or "").strip()

    @property
    def language_name(self) -> str:
        return name_of(self.language_code) if self.language_code else ""

    def has_changed(self) -> bool:
        """A language that was added and left empty is not worth an error."""
        changed = set(self.changed_data)
        return bool(changed - {"language"} if self.instance._state.adding else changed)

    def clean_language(self) -> str:
        return canonical(self.cleaned_data["language"])

    def clean_body_html(self) -> str:
        """The editor wraps a condition between paragraphs in one of its own, which would be sent empty."""
        html: str = self.cleaned_data["body_html"]
        return LONELY_TAGS.sub(r"\1", html)

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors or self.cleaned_data.get("DELETE"):
            return
        for name, problems in authoring.problems(self.instance, self.known).items():
            for problem in problems:
                self.add_error(name if name in self.fields else None, str(problem))


class LayoutForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Layout
        fields: ClassVar = ["name", "label", "html"]
        # The admin takes help for HTML, so that the name of an element needs other words here.
        help_texts: ClassVar = {
            "html": _("A whole document with its CSS in a style element. {{ body }} stands where the content goes.")
        }
        widgets: ClassVar = {
            "html": UnfoldAdminTextareaWidget(
                attrs={"rows": 28, "class": "layout-source", "spellcheck": "false", "dir": "ltr", "data-source": ""}
            )
        }

    def clean_html(self) -> str:
        html: str = self.cleaned_data["html"]
        problems = authoring.layout_problems(html)
        if problems:
            raise forms.ValidationError([str(problem) for problem in problems])
        return html


class SenderForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Sender
        fields: ClassVar = ["name", "email", "reply_to", "unsubscribe_mailbox", "postal_address"]
        widgets: ClassVar = {
            "email": UnfoldAdminTextInputWidget(attrs={"dir": "ltr", "inputmode": "email"}),
            "reply_to": UnfoldAdminTextInputWidget(attrs={"dir": "ltr", "inputmode": "email"}),
            "unsubscribe_mailbox": UnfoldAdminTextInputWidget(attrs={"dir": "ltr", "inputmode": "email"}),
            "postal_address": UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        }


class TrialForm(forms.Form):
    """Where test mails go. ``cleaned_data["addresses"]`` are normalised and each there once."""

    addresses = forms.CharField(
        label=_("Addresses"),
        help_text=_("Separated by commas or lines; ten at most."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "dir": "ltr", "spellcheck": "false"}),
    )
    languages = forms.MultipleChoiceField(label=_("Languages"), widget=UnfoldAdminCheckboxSelectMultipleWidget)

    def __init__(self, *args: Any, languages: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["languages"].choices = languages  # type: ignore[attr-defined]

    def clean_addresses(self) -> list[str]:
        found: dict[str, None] = {}
        wrong: list[forms.ValidationError] = []
        for written in SEPARATORS.split(self.cleaned_data["addresses"].strip(" ,;\n\r\t")):
            try:
                found[addresses.normalise(written)] = None
            except addresses.AddressRefused as refused:
                words = {"address": written, "reason": str(refused)}
                wrong.append(forms.ValidationError(_("“%(address)s”: %(reason)s"), params=words))
        if len(found) > MOST_TRIALS:
            wrong.append(forms.ValidationError(_("Ten addresses at most.")))
        if wrong:
            raise forms.ValidationError(wrong)
        return list(found)
