"""Sending a campaign to one's own eyes first."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _

from campaigns.admin.campaign_pages import CampaignPages
from campaigns.admin.languages import name_of
from campaigns.composition.message import CannotCompose, preview
from campaigns.composition.placeholders import CompositionError
from campaigns.composition.values import sample
from campaigns.delivery.replies import Outcome
from campaigns.delivery.trial import send_trial
from campaigns.forms import TrialForm
from campaigns.models import Attempt, Campaign, Content
from subscribers.models import Suppression


@dataclass(frozen=True)
class Trial:
    """What became of one test mail, in words."""

    address: str
    language: str
    outcome: str
    is_sent: bool
    answer: str


class TrialViews(CampaignPages):
    def get_urls(self) -> list[URLPattern]:
        return [self.own_path("trial", self.trial_view), *super().get_urls()]

    def trial_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if not request.user.has_perm("campaigns.test_campaign"):
            raise PermissionDenied
        campaign = self.campaign_to_see(request, object_id)
        contents = {content.language: content for content in written(campaign)}
        if not contents:
            raise Http404
        form = TrialForm(
            request.POST if request.method == "POST" else None,
            initial={
                "addresses": getattr(request.user, "email", ""),
                "languages": [request.GET.get("language") or next(iter(contents))],
            },
            languages=[(code, name_of(code)) for code in contents],
        )
        trials: list[Trial] = []
        if form.is_valid():
            wanted = [contents[code] for code in form.cleaned_data["languages"]]
            trials = [try_out(content, address) for address in form.cleaned_data["addresses"] for content in wanted]
            # Without the addresses: the admin's own log is kept when a person is erased.
            self.log_change(request, campaign, _("Tried out: test mails were sent."))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": campaign,
            "title": campaign.name,
            "campaign": campaign,
            "form": form,
            "trials": trials,
        }
        return TemplateResponse(request, "admin/campaigns/trial.html", context)


def written(campaign: Campaign) -> QuerySet[Content]:
    return campaign.contents.select_related("campaign__layout", "campaign__sender")


def try_out(content: Content, address: str) -> Trial:
    """The very mail, to somebody made up who has this address."""
    reader = sample(content.language)
    reader.email = address
    try:
        message = preview(content, reader)
    except (CompositionError, CannotCompose) as error:
        return told(content, address, Outcome(Attempt.Outcome.INVALID, answer=str(error)))
    if Suppression.objects.stopping(address).exists():
        return Trial(address, name_of(content.language), _("suppressed"), False, _("This address is never mailed."))
    return told(content, address, send_trial(message))


def told(content: Content, address: str, outcome: Outcome) -> Trial:
    kind = Attempt.Outcome(outcome.kind)
    is_sent = kind == Attempt.Outcome.ACCEPTED
    return Trial(address, name_of(content.language), str(kind.label), is_sent, outcome.answer)
