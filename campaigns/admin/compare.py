"""A few campaigns side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from campaigns import tallies
from campaigns.admin.campaign_pages import CampaignPages
from campaigns.admin.report_sections import outcome_labels
from campaigns.admin.report_tables import Piece, bar
from campaigns.admin.spans import Number, in_digits, in_percent, least, most
from campaigns.models import Campaign
from campaigns.readership import Reach, Report, Span

FEWEST: Final = 2
MOST: Final = 6
# To choose from, newest first.
OFFERED: Final = 30
# Parts of a percent, so that bars are drawn from whole numbers.
_FINE: Final = 1_000_000


@dataclass(frozen=True)
class Cell:
    shown: str
    details: str
    bar: list[Piece]


@dataclass(frozen=True)
class Measure:
    """`number` of a reach as a part of `whole`, if that is given."""

    name: str
    label: str
    number: Callable[[Reach], Number]
    whole: Callable[[Reach], int] | None = None


@dataclass(frozen=True)
class Line:
    label: str
    cells: list[Cell]


class CompareViews(CampaignPages):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.compare_view)
        return [path("compare", view, name="campaigns_campaign_compare"), *super().get_urls()]

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        picked = chosen(request.GET)
        fits = FEWEST <= len(picked) <= MOST
        reports = [tallies.headline(campaign) for campaign in picked] if fits else []
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Compare campaigns"),
            "reports": reports,
            "lines": [line(measure, reports) for measure in measures()] if fits else [],
            "offered": offered(picked),
            "picked": {campaign.pk for campaign in picked},
            "has_asked": "campaign" in request.GET,
        }
        return render(request, "admin/campaigns/report/compare.html", context)


def chosen(wanted: QueryDict) -> list[Campaign]:
    """Oldest first. Of what has not started there is nothing to say."""
    numbers = [number for number in wanted.getlist("campaign") if number.isdecimal() and len(number) < 19]
    found = Campaign.objects.filter(pk__in=numbers, started_at__isnull=False)
    return list(found.order_by("started_at", "pk")[: MOST + 1])


def offered(picked: Sequence[Campaign]) -> list[Campaign]:
    """The newest, and whatever is chosen."""
    newest = Campaign.objects.filter(started_at__isnull=False).order_by("-started_at", "-pk")
    known = newest.values_list("pk", flat=True)[:OFFERED]
    return list(newest.filter(Q(pk__in=list(known)) | Q(pk__in=[campaign.pk for campaign in picked])))


def measures() -> list[Measure]:
    labels = outcome_labels()

    def part(name: str, label: str, whole: str) -> Measure:
        return Measure(name, label, lambda reach: getattr(reach, name), lambda reach: getattr(reach, whole))

    return [
        Measure("planned", labels["planned"], lambda reach: reach.planned),
        part("delivered", labels["delivered"], "planned"),
        part("bounced", labels["bounced"], "sent"),
        part("failed", labels["failed"], "planned"),
        part("skipped", labels["skipped"], "planned"),
        part("opened", _("Opened"), "delivered"),
        part("clicked", _("Clicked"), "delivered"),
        part("unsubscribed", _("Unsubscribed"), "delivered"),
        part("complained", _("Complained"), "delivered"),
    ]


def line(measure: Measure, reports: Sequence[Report]) -> Line:
    """Bars of one line have the same scale; those of another line have their own."""
    sizes = [_size(measure, report.reach) for report in reports]
    widest = max([*map(most, sizes), 1])
    return Line(
        measure.label,
        [_cell(measure, report, size, widest) for report, size in zip(reports, sizes, strict=True)],
    )


def _size(measure: Measure, reach: Reach) -> Number:
    """What the bar shows: the number itself, or its share."""
    number = measure.number(reach)
    if measure.whole is None:
        return number
    whole = measure.whole(reach) or 1
    return Span(least(number) * _FINE // whole, most(number) * _FINE // whole)


def _cell(measure: Measure, report: Report, size: Number, widest: int) -> Cell:
    number = measure.number(report.reach)
    if measure.name in {"opened", "clicked"} and not number and not report.counts_people:
        return Cell("–", _("not counted"), [])
    digits = in_digits(number)
    percent = in_percent(number, measure.whole(report.reach)) if measure.whole else ""
    return Cell(percent or digits, digits if percent else "", bar(size, widest, measure.name))
