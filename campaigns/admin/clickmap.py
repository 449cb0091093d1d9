"""The mail as it was frozen, with the clicks beside each of its links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _

from campaigns import tallies
from campaigns.admin.campaign_pages import CampaignPages
from campaigns.admin.framed import framed
from campaigns.admin.languages import name_of
from campaigns.admin.look import Switch, Way
from campaigns.admin.report_sections import link_table
from campaigns.admin.spans import Number, in_digits
from campaigns.composition.clickmap import mapped
from campaigns.composition.message import CannotCompose
from campaigns.models import Campaign, Edition
from campaigns.readership import ClickedLink, Report

PEOPLE, SUMS = "people", "hits"


class ClickMapViews(CampaignPages):
    def get_urls(self) -> list[URLPattern]:
        own = {"report_map": self.report_map_view, "report_frame": self.report_frame_view}
        return [*(self.own_path(name, view) for name, view in own.items()), *super().get_urls()]

    def report_map_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        campaign = self.campaign_to_see(request, object_id)
        if not campaign.has_started:
            return HttpResponseRedirect(self.address("change", campaign))
        edition, report = chosen(request, campaign), tallies.links(campaign)
        links = [link for link in report.links if link.language == edition.language]
        counted = what_counts(request, report)
        context: dict[str, Any] = {
            "title": _("Clicks"),
            "switches": switches(campaign, edition, counted),
            "edition": edition,
            "counted": counted,
            "table": replace(link_table(links), title=_("The same in numbers")),
        }
        return self.page(request, "map", campaign, context, folder="report")

    def report_frame_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        campaign = self.campaign_to_see(request, object_id)
        edition, report = chosen(request, campaign), tallies.links(campaign)
        counted = what_counts(request, report)
        links = [link for link in report.links if link.language == edition.language]
        counts = {link.url: in_digits(count(link, counted)) for link in links}
        try:
            return framed(mapped(edition, counts), is_inert=True)
        except CannotCompose as error:
            return TemplateResponse(request, "admin/campaigns/unreadable.html", {"problems": [str(error)]})


def chosen(request: HttpRequest, campaign: Campaign) -> Edition:
    """In the language that the address says, else in that of the campaign."""
    editions = {edition.language: edition for edition in campaign.editions.order_by("pk")}
    if not editions:
        raise Http404
    wanted = (request.GET.get("language", ""), campaign.default_language, next(iter(editions)))
    return next(editions[language] for language in wanted if language in editions)


def what_counts(request: HttpRequest, report: Report) -> str:
    """People, unless only sums are known or asked for."""
    has_people = any(link.people for link in report.links)
    has_sums = any(link.hits for link in report.links)
    wanted = request.GET.get("count", "")
    return wanted if wanted in {PEOPLE, SUMS} else SUMS if has_sums and not has_people else PEOPLE


def count(link: ClickedLink, counted: str) -> Number:
    return link.hits if counted == SUMS else link.people


def switches(campaign: Campaign, edition: Edition, counted: str) -> list[Switch]:
    codes = campaign.editions.order_by("pk").values_list("language", flat=True)
    languages = {code: name_of(code) for code in codes}
    counts = {PEOPLE: _("By person"), SUMS: _("Sums without persons")}
    state = {"language": edition.language, "count": counted}
    return [
        Switch(_("Language"), _ways("language", languages, state)),
        Switch(_("What is counted"), _ways("count", counts, state)),
    ]


def _ways(name: str, choices: Mapping[str, str], state: dict[str, str]) -> list[Way]:
    return [Way(label, address_of(state | {name: key}), key == state[name]) for key, label in choices.items()]


def address_of(state: dict[str, str]) -> str:
    return f"?{urlencode(state)}"
