"""Where a counted link leads, which only the frozen edition says: never the address that was opened.

A mail counts its opening by the link number 0, which shows a picture. Asking the database nothing but where links
lead, and that once in a few seconds, both answer thousands a second, and go on while the database is away.
"""

from __future__ import annotations

from base64 import b64decode
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from campaigns.models import Delivery
from campaigns.signing import Counted
from subscribers.consent.pages import HEADERS, private
from subscribers.signing import BadToken, Purpose, read

from . import counting, suspicion, targets

# One transparent point.
PIXEL: Final = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
IS_PIXEL: Final = "0"
METHODS: Final = ["GET", "HEAD"]


class NoSuchLink(Exception):
    """A mail that nobody sent, or a number that it does not have."""


@private
@require_http_methods(METHODS)
def follow(request: HttpRequest, token: str, number: str) -> HttpResponse:
    return found(request, token, number) or render(request, "404.html", status=404)


def found(request: HttpRequest, token: str, number: str) -> HttpResponse | None:
    """None, and nothing counted, for a token or a link that is none of ours."""
    try:
        edition, delivery = mail_of(read(Purpose.CLICK, token))
        response = picture() if number == IS_PIXEL else redirect(edition, number)
    except (BadToken, NoSuchLink):
        return None
    counting.count(edition, delivery, int(number), is_suspect=suspicion.is_machine(request))
    return response


def mail_of(number: int) -> Counted:
    """Raises NoSuchLink."""
    counted = Counted.of(number)
    if counted.edition:
        return counted
    # It was sent before tokens named the edition.
    edition = Delivery.objects.filter(pk=counted.delivery).values_list("edition", flat=True).first()
    if not edition:
        raise NoSuchLink
    return Counted(edition, counted.delivery)


def redirect(edition: int, number: str) -> HttpResponse:
    """Raises NoSuchLink."""
    location = targets.locations(edition).get(number)
    if location is None:
        raise NoSuchLink
    return HttpResponse(status=302, headers={**HEADERS, "Location": location})


def picture() -> HttpResponse:
    return HttpResponse(PIXEL, content_type="image/gif", headers=HEADERS)
