"""What a person may ask for by law: to be told everything that is held, and to be erased."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_q.tasks import async_task
from unfold.widgets import UnfoldAdminTextInputWidget

from subscribers import erasure
from subscribers.addresses import AddressRefused, normalise
from subscribers.disclosure import Disclosure, disclose
from subscribers.models import Subscriber
from subscribers.privacy.traces import GONE

from .keyset import KeysetAdmin

DOWNLOADS = {"json": "application/json", "html": "text/html; charset=utf-8"}
TYPED = {"dir": "ltr", "autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class AddressForm(forms.Form):
    address = forms.CharField(
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("Also of somebody who is no subscriber any more."),
        widget=UnfoldAdminTextInputWidget(attrs=TYPED),
    )

    def clean_address(self) -> str:
        try:
            return normalise(self.cleaned_data["address"])
        except AddressRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class EraseForm(AddressForm):
    """Whoever types the address has looked at it."""

    def __init__(self, expected: str, data: Any = None) -> None:
        super().__init__(data)
        self.expected = expected
        self.fields["address"].label = _("Type the address to confirm")
        self.fields["address"].help_text = ""

    def clean_address(self) -> str:
        address = super().clean_address()
        if address != self.expected:
            raise forms.ValidationError(_("This is another address."))
        if erasure.staff_among([address]):
            raise forms.ValidationError(_("Somebody of the staff has this address. Change their account first."))
        return address


class PrivacyPages(KeysetAdmin):
    def get_urls(self) -> list[URLPattern]:
        own = self.admin_site.admin_view
        return [
            path("address", own(self.address_view), name="subscribers_subscriber_address"),
            path("<int:object_id>/data", own(self.data_view), name="subscribers_subscriber_data"),
            path("<int:object_id>/erase", own(self.erase_view), name="subscribers_subscriber_erase"),
            *super().get_urls(),
        ]

    def data_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Looking changes nothing; each download is recorded."""
        person = self._person(request, object_id, may_disclose(request))
        told = disclose(person.email)
        if request.method == "POST":
            return self._download(request, told)
        return self._privacy_page(request, "data", person, {"title": _("What is held"), "disclosure": told})

    def erase_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        person = self._person(request, object_id, may_erase(request))
        form = EraseForm(person.email, request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            return self._erase(request, person.email)
        title = _("Erase %(address)s") % {"address": person}
        return self._privacy_page(request, "erase", person, {"title": title, "form": form, "address": person.email})

    def address_view(self, request: HttpRequest) -> HttpResponse:
        """For whoever is no subscriber: the address is in no URL, so each step posts it."""
        if not (self.has_view_permission(request) and may_disclose(request)):
            raise PermissionDenied
        form = AddressForm(request.POST if request.method == "POST" else None)
        context: dict[str, Any] = {"title": _("Look an address up"), "form": form, "may_erase": may_erase(request)}
        if form.is_bound and form.is_valid():
            told = disclose(form.cleaned_data["address"])
            if request.POST.get("format") in DOWNLOADS:
                return self._download(request, told)
            if "again" in request.POST and may_erase(request):
                again = EraseForm(told.address, {"address": request.POST["again"]})
                if again.is_valid():
                    return self._erase(request, told.address)
                context["refusals"] = again.errors["address"]
            context["disclosure"] = told
        return self._privacy_page(request, "address", None, context)

    def _person(self, request: HttpRequest, number: int, may: bool) -> Subscriber:
        person = get_object_or_404(Subscriber, pk=number)
        if not (may and self.has_view_permission(request, person)):
            raise PermissionDenied
        return person

    def _download(self, request: HttpRequest, told: Disclosure) -> HttpResponse:
        kind = "html" if request.POST.get("format") == "html" else "json"
        person = Subscriber.objects.filter(email=told.address).first()
        if person:
            self.log_change(request, person, _("Everything that is held was downloaded."))
        content = told.as_html() if kind == "html" else told.as_json()
        # Not the address: a folder of downloads outlives an erasure.
        headers = {"Content-Disposition": f'attachment; filename="personal-data.{kind}"', "Cache-Control": "no-store"}
        return HttpResponse(content, content_type=DOWNLOADS[kind], headers=headers)

    def _erase(self, request: HttpRequest, address: str) -> HttpResponse:
        person = Subscriber.objects.filter(email=address).first()
        with transaction.atomic():
            erasure.erase(address)
            # That somebody was erased, and by whom; not who.
            LogEntry.objects.create(
                user_id=str(request.user.pk),
                content_type=ContentType.objects.get_for_model(Subscriber),
                object_id=str(person.pk) if person else None,
                object_repr=GONE,
                action_flag=DELETION,
                change_message=_("Erased for good."),
            )
            transaction.on_commit(lambda: async_task("subscribers.tasks.wipe"))
        messages.success(request, _("Erased. Nobody mails this person again, whatever is imported."))
        return HttpResponseRedirect(reverse("admin:subscribers_subscriber_changelist"))

    def _privacy_page(
        self, request: HttpRequest, name: str, person: Subscriber | None, context: dict[str, Any]
    ) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "original": person}
        answer = render(request, f"admin/subscribers/privacy/{name}.html", frame | context)
        answer.headers["Cache-Control"] = "no-store"
        return answer


def may_disclose(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("subscribers.export_subscriber"))


def may_erase(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("subscribers.erase_subscriber"))
