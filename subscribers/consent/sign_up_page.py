"""What whoever signs up sees, reads and fills in, as staff have put it together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscribers.addresses import AddressRefused, normalise
from subscribers.models import Attribute, MailingList, SignUp, SignUpForm

from . import proof_of_work, time_trap
from .brands import in_language, look_of
from .inputs import PREFIX, facts, inputs
from .pages import current_language
from .time_zones import TimeZoneField

ATTRIBUTE: Final = "attribute:"
NAMES: Final = {
    "first_name": (gettext_lazy("First name"), "given-name"),
    "last_name": (gettext_lazy("Last name"), "family-name"),
}


@dataclass(frozen=True)
class Page:
    """In the language that is active."""

    form: SignUpForm
    lists: list[MailingList]

    @classmethod
    def of(cls, form: SignUpForm) -> Page:
        return cls(form, list(form.mailing_lists.order_by("name")))

    @property
    def title(self) -> str:
        return in_language(self.form.titles, current_language()) or _("Get our news by mail")

    @property
    def introduction(self) -> str:
        return in_language(self.form.introductions, current_language())

    @property
    def agreement(self) -> str:
        """What pressing the button means."""
        if len(self.lists) == 1:
            name = self.lists[0].name_in(current_language())
            return _("You ask us to send you “%(name)s” by mail. Each mail has a link that ends it.") % {"name": name}
        return _("You ask us to send you by mail what you have chosen. Each mail has a link that ends it.")

    @property
    def is_confirmed_by_mail(self) -> bool:
        return any(each.opt_in == MailingList.OptIn.DOUBLE for each in self.lists)

    @property
    def needs_proof_of_work(self) -> bool:
        return any(each.needs_proof_of_work for each in self.lists)

    @cached_property
    def rows(self) -> list[tuple[str, str, str]]:
        """Of each list what its checkbox stands for, its name and its description."""
        return [(each.label, each.name_in(current_language()), each.description) for each in self.lists]

    def statement(self, chosen: list[MailingList]) -> str:
        """Everything they have read that says what they agree to."""
        brand = look_of(self.lists)
        names = [f"– {each.name_in(current_language())}" for each in chosen]
        below = in_language(brand.brand.texts.get("sign_up", {}), current_language()) if brand else ""
        return "\n".join(filter(None, [self.title, self.introduction, *names, self.agreement, below]))


class SignUpInputs(forms.Form):
    """Checks what somebody or something has sent. Whether the address is known is nothing to it."""

    email = forms.CharField(
        label=gettext_lazy("Your address"),
        max_length=320,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr", "autocapitalize": "none"}),
    )
    # Nobody sees it, so only a machine fills it in.
    website = forms.CharField(required=False, max_length=1000)
    begun = forms.CharField(required=False, max_length=200)
    altcha = forms.CharField(required=False, max_length=proof_of_work.LONGEST)
    came_from = forms.CharField(required=False, max_length=250)

    def __init__(self, page: Page, told: Any = None, **options: Any) -> None:
        super().__init__(told, **options)
        self.page = page
        if len(page.lists) > 1:
            choices = [(label, name) for label, name, _description in page.rows]
            self.fields["lists"] = forms.MultipleChoiceField(
                choices=choices, error_messages={"required": _("Choose at least one.")}
            )
        self.fields.update(_chosen_by_staff(page.form))

    def clean_email(self) -> str:
        try:
            return normalise(self.cleaned_data["email"])
        except AddressRefused as error:
            raise ValidationError(str(error)) from error

    def clean_begun(self) -> str:
        """Only our own page has it; forms on other sites are not kept by us."""
        begun: str = self.cleaned_data["begun"]
        if begun and time_trap.is_caught(begun):
            self.add_error(None, _("That was too quick or took too long. Please press the button once more."))
        return begun

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        # Last, because a solution that is right is used up.
        is_due = self.page.needs_proof_of_work and not self.errors and not told["website"]
        if is_due and not proof_of_work.is_solved(told["altcha"]):
            self.add_error(None, _("Your browser has not proved its work. Please press the button once more."))
        return told

    @property
    def is_by_a_machine(self) -> bool:
        return bool(self.cleaned_data["website"])

    @property
    def about(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name in _visible(self.page.form)]

    def chosen(self) -> list[MailingList]:
        labels = self.cleaned_data.get("lists")
        return [each for each in self.page.lists if labels is None or each.label in labels]

    def sign_up(self, *, network_address: str | None, referrer: str) -> SignUp:
        """Not stored yet."""
        told = self.cleaned_data
        return SignUp(
            email=told["email"],
            **{name: " ".join(told.get(name, "").split()) for name in NAMES},
            time_zone=told.get("time_zone", ""),
            attributes=facts(told),
            language=current_language(),
            form=self.page.form,
            referrer=told["came_from"] or referrer,
            statement=self.page.statement(self.chosen()),
            network_address=network_address,
        )


def _chosen_by_staff(form: SignUpForm) -> dict[str, forms.Field]:
    """In the order in which they stand there; an attribute that is gone is not asked for."""
    names = [each.removeprefix(ATTRIBUTE) for each in form.fields if each.startswith(ATTRIBUTE)]
    known = {each.name: each for each in Attribute.objects.filter(name__in=names)}
    fields: dict[str, forms.Field] = {}
    for name in form.fields:
        if name in NAMES:
            label, fills = NAMES[name]
            widget = forms.TextInput(attrs={"autocomplete": fills, "dir": "auto"})
            fields[name] = forms.CharField(label=label, max_length=120, required=False, widget=widget)
        elif name == "time_zone":
            fields[name] = TimeZoneField()
        elif attribute := known.get(name.removeprefix(ATTRIBUTE)):
            fields |= inputs([attribute])
    return fields


def _visible(form: SignUpForm) -> set[str]:
    return {name.replace(ATTRIBUTE, PREFIX) for name in form.fields}


def described(page: Page) -> Mapping[str, object]:
    """The same for programs."""
    empty = SignUpInputs(page)
    fields = [{"name": field.name, "label": str(field.label)} | _options(field) for field in empty.about]
    return {
        "title": page.title,
        "introduction": page.introduction,
        "agreement": page.agreement,
        "language": current_language(),
        "lists": [{"label": label, "name": name, "description": text} for label, name, text in page.rows],
        "fields": fields,
        "needs_proof_of_work": page.needs_proof_of_work,
    }


def _options(field: forms.BoundField) -> dict[str, object]:
    choices = getattr(field.field, "choices", None)
    if choices is None or field.name == "time_zone":
        return {}
    return {"choices": [value for value, _label in choices if value]}
