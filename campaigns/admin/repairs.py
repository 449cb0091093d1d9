"""Letting links of mails that have left lead elsewhere, because the address in them was wrong."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.validators import URLValidator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.admin.campaign_pages import CampaignPages
from campaigns.composition.tracking import LONGEST_URL
from campaigns.feedback import targets
from campaigns.models import Campaign, Link


class WebField(forms.URLField):
    default_validators = [URLValidator(schemes=["http", "https"])]


class RepairForm(forms.Form):
    """One field for each address in the mails, whatever the languages that have it."""

    def __init__(self, campaign: Campaign, data: Any = None) -> None:
        super().__init__(data)
        links = Link.objects.filter(edition__campaign=campaign).order_by("pk")
        self.known: dict[str, Link] = {}
        for link in links:
            if self.known.setdefault(link.url, link) is link:
                self.fields[name_of(link)] = field_of(link)
        self.links = links

    def rows(self) -> list[tuple[Link, forms.BoundField]]:
        return [(link, self[name_of(link)]) for link in self.known.values()]

    def save(self) -> list[str]:
        """The addresses in the mails that lead elsewhere now."""
        changed = [link for link in self.known.values() if name_of(link) in self.changed_data]
        for link in changed:
            target = self.cleaned_data[name_of(link)]
            self.links.filter(url=link.url).update(repaired_url="" if target == link.url else target)
        return [link.url for link in changed]


class RepairViews(CampaignPages):
    def get_urls(self) -> list[URLPattern]:
        return [self.own_path("repair", self.repair_view), *super().get_urls()]

    def repair_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        campaign = self.campaign_to_see(request, object_id)
        # Not has_change_permission, which says no as soon as a campaign has started.
        if not request.user.has_perm("campaigns.change_campaign"):
            raise PermissionDenied
        form = RepairForm(campaign, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            self.tell_what_changed(request, campaign, form.save())
            return HttpResponseRedirect(self.address("repair", campaign))
        context = {"title": _("Where the links lead"), "form": form, "rows": form.rows()}
        return self.page(request, "repair", campaign, context, folder="report")

    def tell_what_changed(self, request: HttpRequest, campaign: Campaign, changed: list[str]) -> None:
        if not changed:
            messages.info(request, _("All links lead where they led before."))
            return
        targets.forget()
        self.log_change(request, campaign, _("Let links lead elsewhere: %(links)s") % {"links": " ".join(changed)})
        words = ngettext(
            "%(number)d link leads elsewhere within seconds, also in mails that have arrived.",
            "%(number)d links lead elsewhere within seconds, also in mails that have arrived.",
            len(changed),
        )
        messages.success(request, words % {"number": len(changed)})


def name_of(link: Link) -> str:
    return f"link-{link.pk}"


def field_of(link: Link) -> forms.URLField:
    field = WebField(
        label=link.url,
        required=False,
        initial=link.repaired_url,
        max_length=LONGEST_URL,
        assume_scheme="https",
    )
    field.widget.attrs |= {"placeholder": link.url, "dir": "ltr", "autocomplete": "off", "spellcheck": "false"}
    return field
