"""The question before sending: when, and to exactly how many people?"""

from __future__ import annotations

import hashlib
import zoneinfo
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from campaigns import audience
from campaigns.models import Campaign

NOW, LATER = "now", "later"
ALL, FEW = "all", "few"
PEOPLE, PERCENT = "people", "percent"
SENDER = ("name", "email", "reply_to", "unsubscribe_mailbox", "postal_address")


def time_zones() -> list[tuple[str, str]]:
    """Those that people name by a city, and UTC."""
    cities = [name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/")]
    return [(name, name.replace("_", " ")) for name in ["UTC", *sorted(cities)]]


def tomorrow_morning() -> str:
    day = timezone.localtime() + timedelta(days=1)
    return day.strftime("%Y-%m-%dT09:00")


def version_of(campaign: Campaign) -> str:
    """Another one after each edit of the campaign, its contents, its segments, its layout or its sender."""
    contents = campaign.contents.order_by("pk").values_list("pk", "updated_at")
    frame = Campaign.objects.filter(pk=campaign.pk).values_list("layout__html", *(f"sender__{name}" for name in SENDER))
    return hashlib.sha256(
        repr([campaign.updated_at, audience.segments_of(campaign), *contents, *frame]).encode()
    ).hexdigest()


class ScheduleForm(forms.Form):
    """`head_count` and `version` are empty until staff have seen what they confirm."""

    when = forms.ChoiceField(
        label=_("When"), choices=[(NOW, _("Now")), (LATER, _("At a time"))], initial=NOW, widget=forms.RadioSelect
    )
    at = forms.CharField(
        label=_("Date and time"),
        required=False,
        initial=tomorrow_morning,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": 60}),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones, initial=timezone.get_default_timezone_name)
    in_local_time = forms.BooleanField(label=_("In each reader’s own time zone"), required=False)
    first = forms.ChoiceField(
        label=_("To whom first"),
        choices=[(ALL, _("To everybody")), (FEW, _("First only to a few"))],
        initial=ALL,
        required=False,
        widget=forms.RadioSelect,
    )
    amount = forms.IntegerField(label=_("How many"), required=False, initial=1, min_value=1)
    unit = forms.ChoiceField(
        label=_("Counted in"),
        choices=[(PERCENT, _("percent")), (PEOPLE, _("people"))],
        initial=PERCENT,
        required=False,
    )
    head_count = forms.IntegerField(required=False, widget=forms.HiddenInput)
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        if not self.is_bound:
            # The page offers the time zone of the browser instead.
            self.fields["time_zone"].widget.attrs["data-untouched"] = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("when") == LATER and "time_zone" in cleaned:
            try:
                cleaned["moment"] = self.moment(cleaned["at"], cleaned["time_zone"])
            except forms.ValidationError as error:
                self.add_error("at", error)
        if cleaned.get("first") == FEW and not self.errors.keys() & {"amount", "unit"}:
            try:
                cleaned["canary"] = self.few(cleaned.get("amount"), cleaned.get("unit"))
            except forms.ValidationError as error:
                self.add_error("amount", error)
        return cleaned

    def few(self, amount: int | None, unit: str | None) -> int:
        """How many go first; a part of a person counts as one."""
        if amount is None:
            raise forms.ValidationError(_("Say how many go first."))
        few = amount if unit == PEOPLE else -(-self.people * amount // 100)
        if few >= self.people:
            raise forms.ValidationError(_("That is everybody. Choose fewer, or send it to everybody at once."))
        return few

    def moment(self, written: str, zone: str) -> datetime:
        """An instant; refuses those that the change to or from summer time skips or repeats."""
        try:
            naive = parse_datetime(written)
        except ValueError:
            naive = None
        if naive is None or naive.tzinfo is not None:
            raise forms.ValidationError(_("Enter a valid date/time."))
        with timezone.override(zone):
            moment: datetime = from_current_timezone(naive)
        if moment <= timezone.now():
            raise forms.ValidationError(_("This time has passed. Choose a later one, or send now."))
        return moment

    def has_confirmed(self, people: int, version: str) -> bool:
        return bool(self.cleaned_data["head_count"] == people and self.cleaned_data["version"] == version)

    @property
    def is_now(self) -> bool:
        return bool(self.cleaned_data["when"] == NOW)

    @property
    def starts_at(self) -> datetime:
        """By local time, in the chosen time zone."""
        undo = timedelta(seconds=settings.UNDO_SECONDS)
        moment: datetime = timezone.now() + undo if self.is_now else self.cleaned_data["moment"]
        return moment

    @property
    def choices(self) -> dict[str, Any]:
        """What `Campaign.schedule` is told besides the time."""
        return {
            "time_zone": self.cleaned_data["time_zone"],
            "in_local_time": not self.is_now and self.cleaned_data["in_local_time"],
            "canary": self.cleaned_data.get("canary"),
        }
