"""Where a counted link leads, which only the frozen edition says: never the address that was opened."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from campaigns.models import Link
from subscribers.consent.pages import private
from subscribers.signing import BadToken, Purpose, read

from . import record


@private
@require_http_methods(["GET", "HEAD"])
def follow(request: HttpRequest, token: str, number: str) -> HttpResponse:
    try:
        delivery = read(Purpose.CLICK, token)
    except BadToken:
        return render(request, "404.html", status=404)
    link = Link.objects.filter(edition__deliveries=delivery, number=number).first() if is_number(number) else None
    if link is None:
        return render(request, "404.html", status=404)
    if request.method == "GET":
        record.clicked(delivery, link.number)
    return HttpResponseRedirect(link.url)


def is_number(text: str) -> bool:
    """As we write it, so that one link has one address."""
    return text.isascii() and text.isdecimal() and len(text) < 6 and not text.startswith("0")
