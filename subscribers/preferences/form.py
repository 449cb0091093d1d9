"""What readers fill in about themselves, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from subscribers.consent import inputs
from subscribers.consent.flows import active_on, open_to, shown_to
from subscribers.consent.forms import language_choices
from subscribers.consent.time_zones import TimeZoneField
from subscribers.consent.wishes import Wishes
from subscribers.models import Attribute, MailingList, Subscriber, Subscription

Tracking = MailingList.Tracking
FACTS: Final = frozenset({"language", "time_zone", "first_name", "last_name", "wants_digest", "may_track"})
TRACKING: Final = [
    ("True", _("You may count what I open and click, and see that it was me.")),
    ("sums", _("Count it in sums only, without me.")),
    ("False", _("Count nothing of me.")),
]


@dataclass(frozen=True)
class Row:
    number: int
    name: str
    description: str
    is_chosen: bool
    is_pending: bool

    @classmethod
    def of(cls, subscription: Subscription, *, is_chosen: bool) -> Row:
        mailing_list = subscription.mailing_list
        return cls(
            number=mailing_list.pk,
            name=mailing_list.name_in(get_language() or ""),
            description=mailing_list.description,
            is_chosen=is_chosen,
            is_pending=subscription.status == Subscription.Status.PENDING,
        )


class PreferencesForm(forms.Form):
    """Each input comes with what it showed at first: only what was changed since is a wish.

    An undo is the same form with nothing in it but what goes back: `is_partial`.
    """

    lists = forms.TypedMultipleChoiceField(coerce=int, required=False)
    language = forms.ChoiceField(label=_("Language"))
    time_zone = TimeZoneField()
    first_name = forms.CharField(label=_("First name"), max_length=120, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=120, required=False)
    wants_digest = forms.BooleanField(required=False)
    may_track = forms.TypedChoiceField(
        choices=TRACKING,
        coerce={"True": True, "False": False}.get,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, subscriber: Subscriber, data: Any = None, *, is_partial: bool = False) -> None:
        """Accepts every list that the person may join; the page shows those in ``rows``."""
        super().__init__(data)
        self.lists_seen = data.getlist("initial-lists") if data else []
        self.lists_waiting = data.getlist("waiting") if data else []
        self.subscriptions = shown_to(subscriber)
        open_facts = inputs.inputs(Attribute.objects.filter(is_open=True))
        self.fields |= open_facts
        self._choices("lists", [(each.pk, str(each)) for each in open_to(subscriber)])
        self._choices("language", language_choices(subscriber.reads))
        # To somebody who gets no digest, only digests would be nothing at all.
        has_digest = any(each.mailing_list.has_digest for each in self.subscriptions)
        self.asks_about_digests = subscriber.wants_digest or has_digest
        kept = {each.mailing_list.tracking for each in self.subscriptions}
        self.asks_about_tracking = subscriber.may_track is not None or bool(kept - {Tracking.OFF})
        # Nobody is asked to agree to what no list does.
        by_person = subscriber.may_track or Tracking.PERSON in kept
        self._choices("may_track", [*TRACKING] if by_person else TRACKING[1:])
        self.initial = state_of(subscriber) | shown(subscriber, open_facts)
        for field in self.fields.values():
            field.show_hidden_initial = True
        if is_partial:
            self._keep_only(data)

    def clean_first_name(self) -> str:
        return " ".join(self.cleaned_data["first_name"].split())

    def clean_last_name(self) -> str:
        return " ".join(self.cleaned_data["last_name"].split())

    def wishes(self) -> Wishes:
        changed = {name: self.cleaned_data[name] for name in self.changed_data}
        before, waiting = _numbers(self.lists_seen), _numbers(self.lists_waiting)
        chosen = frozenset(changed.get("lists", before))
        return Wishes(
            joins=chosen - before,
            leaves=before - chosen - waiting,
            waits=waiting - chosen,
            facts={name: value for name, value in changed.items() if name in FACTS},
            attributes={
                name.removeprefix(inputs.PREFIX): inputs.as_json(value) if value != "" else None
                for name, value in changed.items()
                if name.startswith(inputs.PREFIX)
            },
        )

    @property
    def about(self) -> list[forms.BoundField]:
        """Who the reader is, one input below the other."""
        own = ["language", "time_zone", "first_name", "last_name"]
        return [self[name] for name in [*own, *(name for name in self.fields if name.startswith(inputs.PREFIX))]]

    @property
    def pending(self) -> frozenset[int]:
        waiting = (each for each in self.subscriptions if each.status == Subscription.Status.PENDING)
        return frozenset(each.mailing_list_id for each in waiting)

    def rows(self) -> list[Row]:
        """The lists to choose from, as chosen in the form or else as they are."""
        chosen = {str(number) for number in self["lists"].value() or []}
        return [Row.of(each, is_chosen=str(each.mailing_list_id) in chosen) for each in self.subscriptions]

    def lists_before(self) -> Any:
        """Not left to the field, which takes what was chosen for it where nothing was shown at first."""
        before = self.lists_seen if self.is_bound else self.initial["lists"]
        return self.fields["lists"].hidden_widget().render(self["lists"].html_initial_name, before)

    def digest_before(self) -> Any:
        return self["wants_digest"].as_hidden(only_initial=True)

    def tracking_before(self) -> Any:
        return self["may_track"].as_hidden(only_initial=True)

    def _choices(self, name: str, choices: list[tuple[str, Any]] | list[tuple[int, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def _keep_only(self, data: Any) -> None:
        for name in list(self.fields):
            if name not in data and f"initial-{name}" not in data:
                del self.fields[name]


def state_of(subscriber: Subscriber) -> dict[str, Any]:
    """All that the form changes, as its inputs hold it."""
    return {
        "lists": sorted(active_on(subscriber)),
        "language": subscriber.reads,
        "time_zone": subscriber.time_zone,
        "first_name": subscriber.first_name,
        "last_name": subscriber.last_name,
        "wants_digest": subscriber.wants_digest,
        "may_track": "sums" if subscriber.may_track is None else subscriber.may_track,
    }


def shown(subscriber: Subscriber, fields: dict[str, forms.Field]) -> dict[str, Any]:
    """The attributes that staff opened. A value that its input could not have taken looks blank, and stays."""
    facts = subscriber.attributes if isinstance(subscriber.attributes, dict) else {}
    values = ((name, field, facts.get(name.removeprefix(inputs.PREFIX))) for name, field in fields.items())
    return {name: value for name, field, value in values if value is not None and _fits(field, value)}


def way_back(before: PreferencesForm, after: PreferencesForm) -> Iterator[tuple[str, str]]:
    """The hidden inputs of the form that undoes."""
    confirmed = before.pending & frozenset(after.initial["lists"])
    yield from (("waiting", str(number)) for number in sorted(confirmed))
    for name in after.fields:
        old, new = before.initial.get(name, ""), after.initial.get(name, "")
        if old != new:
            yield from ((name, text) for text in _texts(old))
            yield from ((f"initial-{name}", text) for text in _texts(new))


def _numbers(texts: list[str]) -> frozenset[int]:
    return frozenset(int(text) for text in texts if text.isdecimal() and len(text) < 19)


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _fits(field: forms.Field, value: Any) -> bool:
    try:
        field.clean(str(value))
    except ValidationError:
        return False
    return True
