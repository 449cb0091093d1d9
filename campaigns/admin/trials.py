"""Sending a campaign to one's own eyes first."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

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


class TrialViews(ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.trial_view)
        return [path("<int:object_id>/test", view, name="campaigns_campaign_trial"), *super().get_urls()]

    def trial_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if not request.user.has_perm("campaigns.test_campaign"):
            raise PermissionDenied
        campaign: Campaign = get_object_or_404(self.get_queryset(request), pk=object_id)
        contents = {
            content.language: content
            for content in campaign.contents.select_related("campaign__layout", "campaign__sender")
        }
        if not self.has_view_permission(request, campaign) or not contents:
            raise Http404
        languages = [(code, name_of(code)) for code in contents]
        first = {"addresses": request.user.email, "languages": [request.GET.get("language") or languages[0][0]]}
        form = TrialForm(request.POST or None, initial=first, languages=languages)
        trials: list[Trial] = []
        if request.method == "POST" and form.is_valid():
            wanted = [contents[code] for code in form.cleaned_data["languages"]]
            trials = [try_out(content, address) for address in form.cleaned_data["addresses"] for content in wanted]
            self.log_change(request, campaign, _("Sent a test to %(addresses)s.") % {"addresses": listed(form)})
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


def listed(form: TrialForm) -> str:
    return ", ".join(form.cleaned_data["addresses"])


def try_out(content: Content, address: str) -> Trial:
    """The very mail, to somebody made up who has this address."""
    reader = sample(content.language)
    reader.email = address
    try:
        message = preview(content, reader)
    except (CompositionError, CannotCompose) as error:
        return told(content, address, Outcome(Attempt.Outcome.INVALID, answer=str(error)))
    if Suppression.objects.in_force().everywhere().of(address).exists():
        return Trial(address, name_of(content.language), _("suppressed"), False, _("This address is never mailed."))
    return told(content, address, send_trial(message))


def told(content: Content, address: str, outcome: Outcome) -> Trial:
    kind = Attempt.Outcome(outcome.kind)
    is_sent = kind == Attempt.Outcome.ACCEPTED
    return Trial(address, name_of(content.language), str(kind.label), is_sent, outcome.answer)
