"""A mail as a page: as its reader got it, or as everybody may read it. GET and HEAD change nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.safestring import SafeString
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from campaigns.composition.localize import direction
from campaigns.feedback.letter import Letter, opened
from campaigns.feedback.pages import own_language, show
from campaigns.models import Campaign, Edition
from subscribers.consent.brands import look_of
from subscribers.consent.forms import own_name
from subscribers.consent.pages import language_for, private, supported
from subscribers.models import MailingList
from subscribers.signing import BadToken, Purpose

from . import archive, kept
from .headers import powerless
from .rendering import Shown, for_everybody, for_reader


@csrf_exempt
@require_safe
@private
def web_version(request: HttpRequest, token: str) -> HttpResponse:
    """The mail that the token names, without anything in it that would act for its reader."""
    try:
        letter = opened(Purpose.WEB_VIEW, token)
    except BadToken:
        return render(request, "404.html", status=404)
    if letter.is_trial:
        return trial(request, letter)
    edition = letter.delivery.edition if letter.delivery else None
    if edition is None:
        return render(request, "404.html", status=404)
    return page(request, edition, for_reader(edition, letter.subscriber), "public/web_version.html")


def trial(request: HttpRequest, letter: Letter) -> HttpResponse:
    with translation.override(language_for(request, own_language(letter))):
        return show(request, letter, "public/web_trial.html")


@kept.public
def archived_mail(request: HttpRequest, label: str, number: int, language: str) -> HttpResponse:
    """One edition of a campaign, for nobody in particular."""
    lists = archive.open_lists().order_by("pk")
    campaign = (
        archive.with_titles(archive.archived().filter(pk=number))
        .prefetch_related(Prefetch("mailing_lists", lists))
        .first()
    )
    mailing_list = (
        next((each for each in campaign.mailing_lists.all() if each.label == label), None) if campaign else None
    )
    edition = Edition.objects.filter(campaign=number, language=language).first() if mailing_list else None
    if campaign is None or mailing_list is None or edition is None:
        raise Http404
    shown = for_everybody(edition)
    with translation.override(supported(language) or settings.LANGUAGE_CODE):
        context = bar(mailing_list, campaign, language) | preview(campaign, edition, shown)
        response = page(request, edition, shown, "public/archived_mail.html", **context)
    return kept.dated(response, campaign.finished_at)


def page(request: HttpRequest, edition: Edition, shown: Shown, template: str, **context: Any) -> HttpResponse:
    context |= {
        "shown": shown,
        "language": edition.language,
        "direction": direction(edition.language),
        "has_heading": "<h1" in shown.page.body,
    }
    response = render(request, template, context)
    response.headers["Content-Language"] = edition.language
    return powerless(response)


@dataclass(frozen=True)
class Alternate:
    language: str
    address: str
    is_current: bool = False

    @property
    def name(self) -> SafeString | str:
        return own_name(self.language)


def bar(mailing_list: MailingList, campaign: Campaign, language: str) -> dict[str, Any]:
    """What stands above the mail."""
    entry = archive.Entry(mailing_list.label, campaign)
    return {
        "mailing_list": mailing_list,
        "list_name": mailing_list.name_in(language),
        "brand": look_of([mailing_list]),
        "sign_up": archive.sign_up_for(mailing_list),
        "sent_at": entry.sent_at,
        "others": [Alternate(code, entry.address(code)) for code in entry.languages if code != language],
    }


def preview(campaign: Campaign, edition: Edition, shown: Shown) -> dict[str, Any]:
    """What other sites and search engines show of it. On several lists, it is the page of the first of them."""
    base = settings.BASE_URL
    entry = archive.Entry(campaign.mailing_lists.all()[0].label, campaign)
    preheaders = campaign.contents.filter(language=edition.language).values_list("preheader", flat=True)
    return {
        "canonical": base + entry.address(edition.language),
        "alternates": [Alternate(code, base + entry.address(code)) for code in entry.languages],
        "default": base + entry.address(entry.default_language),
        "summary": archive.summary(next(iter(preheaders), ""), edition),
        "picture": next(iter(shown.page.pictures), ""),
    }
