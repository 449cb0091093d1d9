"""Two entries that are one person: what wins is chosen, then one of the two goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from subscribers import attribute_fields, merging
from subscribers.addresses import AddressRefused, normalise
from subscribers.models import Attribute, Subscriber

from .keyset import KeysetAdmin

STAYS, GOES = "stays", "goes"


class OtherForm(forms.Form):
    address = forms.CharField(
        label=gettext_lazy("The other address of this person"),
        help_text=gettext_lazy("All of it, as it stands in the list of subscribers."),
        widget=UnfoldAdminTextInputWidget(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, person: Subscriber, data: Any = None) -> None:
        super().__init__(data)
        self._person = person

    def clean_address(self) -> Subscriber:
        try:
            email = normalise(self.cleaned_data["address"])
        except AddressRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        other = Subscriber.objects.filter(email=email).first()
        if other is None:
            raise forms.ValidationError(_("Nobody has this address."))
        if other.pk == self._person.pk:
            raise forms.ValidationError(_("This is the same entry."))
        return other


@dataclass(frozen=True)
class Choice:
    name: str
    label: str
    stays: Any
    goes: Any
    chosen: str

    @property
    def is_open(self) -> bool:
        return self.stays is not None and self.goes is not None and self.stays != self.goes

    @property
    def stays_in_words(self) -> str:
        return attribute_fields.in_words(self.stays)

    @property
    def goes_in_words(self) -> str:
        return attribute_fields.in_words(self.goes)

    @property
    def value(self) -> Any:
        return self.goes if self.chosen == GOES else self.stays


class MergePages(KeysetAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.merge_view)
        return [path("<int:object_id>/merge", view, name="subscribers_subscriber_merge"), *super().get_urls()]

    def merge_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        stays = get_object_or_404(Subscriber, pk=object_id)
        if not (self.has_view_permission(request, stays) and may_merge(request)):
            raise PermissionDenied
        number = request.GET.get("with", "")
        goes = Subscriber.objects.filter(pk=number).exclude(pk=stays.pk).first() if number.isdecimal() else None
        if goes is None:
            return self.other_page(request, stays)
        choices = choices_between(stays, goes, request.POST)
        if request.method == "POST":
            return self.merge(request, stays, goes, choices)
        context = {
            "title": _("Merge two entries of one person"),
            "stays": stays,
            "goes": goes,
            "choices": choices,
            "lists": [(person, person.subscriptions.select_related("mailing_list")) for person in (stays, goes)],
            "swap": f"{_address(goes)}?with={stays.pk}",
        }
        return self._merge_page(request, "merge", stays, context)

    def other_page(self, request: HttpRequest, stays: Subscriber) -> HttpResponse:
        form = OtherForm(stays, request.POST if "address" in request.POST else None)
        if form.is_bound and form.is_valid():
            return HttpResponseRedirect(f"{_address(stays)}?with={form.cleaned_data['address'].pk}")
        title = _("Merge %(address)s with another entry") % {"address": stays}
        return self._merge_page(request, "merge_other", stays, {"title": title, "form": form})

    @transaction.atomic
    def merge(self, request: HttpRequest, stays: Subscriber, goes: Subscriber, choices: list[Choice]) -> HttpResponse:
        values = {choice.name: choice.value for choice in choices if choice.value is not None}
        log = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Subscriber))
        log.filter(object_id=str(goes.pk)).update(object_id=str(stays.pk), object_repr=str(stays))
        merging.merge(stays, goes, values=values, keeps_address="keep_address" in request.POST)
        self.log_change(request, stays, _("Merged with %(address)s.") % {"address": goes})
        messages.success(request, _("%(address)s is part of this person now.") % {"address": goes})
        return HttpResponseRedirect(reverse("admin:subscribers_subscriber_change", args=[stays.pk]))

    def _merge_page(self, request: HttpRequest, name: str, person: Subscriber, context: dict[str, Any]) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "original": person}
        return render(request, f"admin/subscribers/subscriber/{name}.html", frame | context)


def choices_between(stays: Subscriber, goes: Subscriber, posted: Any) -> list[Choice]:
    """One for each field that either has; what only one of them has is taken over."""
    own, brought = merging.values_of(stays), merging.values_of(goes)
    labels = {field.name: str(field.verbose_name) for field in Subscriber._meta.fields if field.name in merging.FIELDS}
    labels |= {f"attribute:{attribute.name}": str(attribute) for attribute in Attribute.objects.all()}
    found = []
    for name in dict.fromkeys([*own, *brought]):
        default = STAYS if name in own else GOES
        chosen = posted.get(name, default) if name in own and name in brought else default
        label = labels.get(name, name.removeprefix("attribute:"))
        found.append(Choice(name, label, own.get(name), brought.get(name), chosen))
    return found


def may_merge(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("subscribers.merge_subscriber"))


def _address(person: Subscriber) -> str:
    return reverse("admin:subscribers_subscriber_merge", args=[person.pk])
