"""Looking at a campaign as one of its readers will."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern

from campaigns.admin.campaign_pages import CampaignPages
from campaigns.admin.framed import framed
from campaigns.admin.look import Look
from campaigns.composition.localize import direction
from campaigns.composition.message import CampaignMessage, CannotCompose
from campaigns.composition.placeholders import CompositionError


class PreviewViews(CampaignPages):
    def get_urls(self) -> list[URLPattern]:
        own = {"preview": self.preview_view, "frame": self.frame_view, "source": self.source_view}
        return [*(self.own_path(name, view) for name, view in own.items()), *super().get_urls()]

    def preview_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        look = self.look(request, object_id)
        if request.GET.get("reader") == "random":
            return HttpResponseRedirect(look.address(reader=look.anybody()))
        message, problems = self.attempt(look)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": look.campaign,
            "title": look.campaign.name,
            "campaign": look.campaign,
            "look": look,
            "message": message,
            "problems": problems,
            "source": message.message().as_bytes().decode("ascii") if message and look.part == "source" else "",
            "direction": direction(look.content.language),
            "frame_query": look.address(scheme=look.scheme),
            "random_address": look.address(reader="random"),
            "made_up_address": look.address(reader=""),
            "may_test": request.user.has_perm("campaigns.test_campaign"),
        }
        return TemplateResponse(request, "admin/campaigns/preview.html", context)

    def frame_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The HTML alone. What it may do is said by its own header, so it is harmless in a window of its own too."""
        look = self.look(request, object_id)
        message, problems = self.attempt(look)
        if message is None:
            return TemplateResponse(request, "admin/campaigns/unreadable.html", {"problems": problems})
        return framed(message.html, look.scheme if "scheme" in request.GET else None)

    def source_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The bytes as a file that mail programs open."""
        look = self.look(request, object_id)
        message, _problems = self.attempt(look)
        if message is None:
            raise Http404
        name = f"campaign-{object_id}-{look.content.language}.eml"
        return HttpResponse(
            message.message().as_bytes(),
            content_type="message/rfc822",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def look(self, request: HttpRequest, object_id: int) -> Look:
        campaign = self.campaign_to_see(request, object_id)
        if not campaign.contents.exists():
            raise Http404
        return Look(request, campaign, request.user.has_perm("subscribers.view_subscriber"))

    def attempt(self, look: Look) -> tuple[CampaignMessage | None, list[str]]:
        try:
            return look.message(), []
        except CompositionError as error:
            return None, [str(problem) for problem in error.problems]
        except CannotCompose as error:
            return None, [str(error)]
