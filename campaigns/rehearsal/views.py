"""The Mailbox page: caught mails as their readers see them. Nothing of a mail ever runs in the admin."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from campaigns.admin.framed import framed
from campaigns.rehearsal.mailbox import Entry, Mailbox, body, parsed

PER_PAGE = 40
SHOWN = {
    "html": gettext_lazy("HTML"),
    "text": gettext_lazy("Text"),
    "headers": gettext_lazy("Headers"),
    "source": gettext_lazy("Source"),
}

may_read = permission_required("campaigns.view_delivery", raise_exception=True)


@dataclass(frozen=True)
class OpenMail:
    entry: Entry
    html: str
    text: str
    headers: list[tuple[str, str]]
    source: str


@require_safe
@never_cache
@may_read
def inbox(request: HttpRequest, number: int | None = None) -> HttpResponse:
    words, language = request.GET.get("q", "").strip(), request.GET.get("language", "")
    found = [entry for entry in mailbox().entries() if entry.holds(words)]
    languages = Counter(entry.language for entry in found if entry.language)
    if language:
        found = [entry for entry in found if entry.language == language]
    shown = request.GET.get("show", "html")
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Mailbox"),
        "page": Paginator(found[::-1], PER_PAGE).get_page(request.GET.get("page")),
        "languages": languages.most_common(),
        "language": language,
        "words": words,
        "opened": None if number is None else opened(number),
        "shown": shown if shown in SHOWN else "html",
        "ways": SHOWN.items(),
    }
    return render(request, "admin/mailbox/inbox.html", context)


@require_safe
@never_cache
@may_read
def html(request: HttpRequest, number: int) -> HttpResponse:
    """The mail alone, for a frame or a window of its own, where it is as powerless as in a mail program."""
    return framed(opened(number).html)


@require_safe
@never_cache
@may_read
def download(request: HttpRequest, number: int) -> HttpResponse:
    """The bytes as they came over the wire."""
    content = content_of(number)
    headers = {"Content-Disposition": f'attachment; filename="mail-{number}.eml"'}
    return HttpResponse(content, content_type="message/rfc822", headers=headers)


def mailbox() -> Mailbox:
    if settings.MAILBOX_DIR is None:
        raise Http404("Nothing is caught here.")
    return Mailbox(settings.MAILBOX_DIR)


def content_of(number: int) -> bytes:
    try:
        return mailbox().content(number)
    except FileNotFoundError:
        raise Http404 from None


def opened(number: int) -> OpenMail:
    entry = mailbox().entry(number)
    if entry is None:
        raise Http404
    content = content_of(number)
    message = parsed(content)
    source = content.decode("ascii", errors="backslashreplace").replace("\r\n", "\n")
    return OpenMail(
        entry=entry,
        html=body(message, "html"),
        text=body(message, "plain"),
        headers=[(name, str(value)) for name, value in message.raw_items()],
        source=source,
    )
