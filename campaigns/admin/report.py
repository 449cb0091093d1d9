"""What became of a campaign and who read it, on one page that also prints."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern
from django.utils.translation import gettext as _

from campaigns import tallies
from campaigns.admin.campaign_pages import CampaignPages
from campaigns.admin.report_charts import moment_table, periods
from campaigns.admin.report_files import file_of
from campaigns.admin.report_head import Head
from campaigns.admin.report_sections import tables
from campaigns.models import Campaign
from subscribers.admin.exports import PERMISSION as EXPORTING
from subscribers.transfer.formats import KINDS

FOLDER = "report"


class ReportViews(CampaignPages):
    def get_urls(self) -> list[URLPattern]:
        own = {"report": self.report_view, "report_live": self.report_live_view, "report_file": self.report_file_view}
        return [*(self.own_path(name, view) for name, view in own.items()), *super().get_urls()]

    def report_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        campaign = self.campaign_to_see(request, object_id)
        if not campaign.has_started:
            return HttpResponseRedirect(self.address("change", campaign))
        report = tallies.report(campaign, anew="anew" in request.GET)
        may_see_mails = request.user.has_perm("campaigns.view_delivery")
        context = {
            "title": _("Report"),
            "report": report,
            "head": Head(report),
            "is_going": is_going(campaign),
            "tables": {table.name: table for table in tables(report)},
            "periods": periods(report),
            "words": report.words() if may_see_mails else [],
            "may_export": may_see_mails and request.user.has_perm(EXPORTING),
        }
        return self.page(request, "report", campaign, context, folder=FOLDER)

    def report_live_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The first lines alone, as long as mails leave."""
        campaign = self.campaign_to_see(request, object_id)
        if not campaign.has_started:
            raise Http404
        context: dict[str, Any] = {"campaign": campaign, "head": Head(tallies.headline(campaign))}
        response = render(request, "admin/campaigns/report/head.html", context)
        if not is_going(campaign):
            response.headers["Live"] = "done"
        return response

    def report_file_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        campaign = self.campaign_to_see(request, object_id)
        kind = request.GET.get("format", "csv")
        if kind not in KINDS or not campaign.has_started:
            raise Http404
        report = tallies.report(campaign)
        content = file_of(kind, campaign.name, [*tables(report), moment_table(report)])
        headers = {"Content-Disposition": f'attachment; filename="report-{campaign.pk}.{kind}"'}
        return HttpResponse(content, content_type=KINDS[kind].content_type, headers=headers)


def is_going(campaign: Campaign) -> bool:
    return campaign.status in {Campaign.Status.SENDING, Campaign.Status.PAUSED}
