"""The archive of a list: its page, its feed, and what search engines ask for."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from campaigns.composition.merge import one_line
from subscribers.consent.brands import look_of
from subscribers.consent.pages import language_for, show
from subscribers.models import MailingList

from . import archive, kept
from .sitemap import sitemap_of

PER_PAGE: Final = 50
IN_FEED: Final = 20


@kept.public
def archive_page(request: HttpRequest, label: str) -> HttpResponse:
    mailing_list = get_object_or_404(archive.open_lists(), label=label)
    before = number_in(request.GET.get("before", ""))
    found = archive.entries(mailing_list, before=before, most=PER_PAGE + 1)
    if before is not None and not found:
        raise Http404
    with translation.override(language_for(request)):
        return show(request, "public/archive.html", context_of(mailing_list, found, before))


def context_of(mailing_list: MailingList, found: list[archive.Entry], before: int | None) -> dict[str, Any]:
    language = translation.get_language() or settings.LANGUAGE_CODE
    page, more = found[:PER_PAGE], found[PER_PAGE:]
    here = reverse("archive", args=[mailing_list.label])
    return {
        "mailing_list": mailing_list,
        "list_name": mailing_list.name_in(language),
        "brand": look_of([mailing_list]),
        "rows": [row_of(entry, language) for entry in page],
        "before": before,
        "older": page[-1].number if more else None,
        "canonical": f"{settings.BASE_URL}{here}",
        "feed": reverse("archive_feed", args=[mailing_list.label, language]),
        "sign_up": archive.sign_up_for(mailing_list),
    }


def row_of(entry: archive.Entry, language: str) -> dict[str, Any]:
    """In the language of the page if it has that, where the others are found as well."""
    best = entry.best_for(language)
    return {
        "title": entry.title(best),
        "language": best,
        "address": entry.address(best),
        "sent_at": entry.sent_at,
    }


@kept.public
def archive_feed(request: HttpRequest, label: str, language: str) -> HttpResponse:
    """Each campaign in this language if it has it, else as its readers of this language got it."""
    mailing_list = get_object_or_404(archive.open_lists(), label=label)
    found = archive.latest(mailing_list, IN_FEED)
    if language not in known_languages(found):
        raise Http404
    with translation.override(language):
        feed = feed_of(mailing_list, found, language, settings.BASE_URL + request.path)
    response = HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
    response.headers["Content-Language"] = language
    return kept.dated(response, found[0].sent_at if found else None)


def known_languages(found: list[archive.Entry]) -> set[str]:
    return {code for code, _name in settings.LANGUAGES} | {code for entry in found for code in entry.languages}


def feed_of(mailing_list: MailingList, found: list[archive.Entry], language: str, here: str) -> Atom1Feed:
    base = settings.BASE_URL
    feed = Atom1Feed(
        title=one_line(mailing_list.name_in(language)),
        link=base + reverse("archive", args=[mailing_list.label]),
        description="",
        language=language,
        feed_url=here,
    )
    for entry in found:
        best = entry.best_for(language)
        feed.add_item(
            title=entry.title(best) or _("(no subject)"),
            link=base + entry.address(best),
            description=entry.summary(best),
            unique_id=base + entry.address(best),
            pubdate=entry.sent_at,
            updateddate=entry.sent_at,
        )
    return feed


@kept.public
def sitemap(request: HttpRequest) -> HttpResponse:
    return HttpResponse(sitemap_of(), content_type="application/xml; charset=utf-8")


@kept.public
def robots(request: HttpRequest) -> HttpResponse:
    """Pages behind tokens say themselves that they are not to be found, which only who may open them reads."""
    context = {"sitemap": settings.BASE_URL + reverse("sitemap")}
    return render(request, "public/robots.txt", context, content_type="text/plain; charset=utf-8")


def number_in(text: str) -> int | None:
    """404 for what is none."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise Http404
    return int(text)
