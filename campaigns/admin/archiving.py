"""Whether everybody can read a campaign on the web, also long after it was sent."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.translation import gettext as _

from campaigns.admin.campaign_pages import CampaignPages
from campaigns.models import Campaign
from campaigns.web import archive


@dataclass(frozen=True)
class Place:
    """Of a campaign in the archives of its lists: where its pages are, by the names of the lists."""

    pages: list[tuple[str, str]]
    is_for_everybody: bool
    is_open: bool


def place_of(campaign: Campaign) -> Place | None:
    """None if none of its lists has an archive, or it is not there yet."""
    lists = [each for each in campaign.mailing_lists.all() if each.has_archive]
    if not lists or campaign.status != Campaign.Status.SENT:
        return None
    is_for_everybody = archive.sent_to_everybody(Campaign.objects.filter(pk=campaign.pk)).exists()
    pages = [(each.name, archive.Entry(each.label, campaign)) for each in lists]
    return Place(
        [(name, entry.address(entry.default_language)) for name, entry in pages if entry.editions],
        is_for_everybody,
        campaign.in_archive,
    )


class ArchiveView(CampaignPages):
    def get_urls(self) -> list[URLPattern]:
        return [self.own_path("archive", self.archive_view), *super().get_urls()]

    def archive_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Who may send something to everybody may also show it to everybody."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        campaign = self.campaign_to_send(request, object_id)
        is_open = request.POST.get("open") == "yes"
        if archive.keep(campaign, is_open=is_open):
            done = _("“%(name)s” is in the archive.") if is_open else _("“%(name)s” is no longer in the archive.")
            self.log_change(request, campaign, done % {"name": campaign.name})
            messages.success(request, done % {"name": campaign.name})
        return HttpResponseRedirect(self.address("change", campaign))
