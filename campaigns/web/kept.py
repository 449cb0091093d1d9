"""Pages that are the same for everybody: kept for a while by whoever asks, and sent again only when they changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from hashlib import blake2b
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

# What is taken out of the archive is gone everywhere so many seconds later.
SECONDS: Final = 300


def public(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a view whose answers may be kept. Exempt from the CSRF check, so that a POST is a wrong method."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return conditional(request, view(request, *args, **kwargs))

    return csrf_exempt(require_safe(answer))


def conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """By its content alone: a link that was repaired, or another brand, changes it at an old date too."""
    if response.status_code != 200:
        return response
    etag = f'"{blake2b(response.content, digest_size=16).hexdigest()}"'
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"public, max-age={SECONDS}"
    modified = str(response.headers.get("Last-Modified", ""))
    del response.headers["Last-Modified"]
    answer = get_conditional_response(request, etag=etag, response=response) or response
    # Whoever kept a page takes over the headers of this answer, which must not weaken what the page was sent with.
    for name in ("Content-Security-Policy", "Referrer-Policy"):
        if name in response.headers:
            answer.headers[name] = str(response.headers[name])
    if modified:
        answer.headers["Last-Modified"] = modified
    return answer


def dated(response: HttpResponse, moment: datetime | None) -> HttpResponse:
    if moment:
        response.headers["Last-Modified"] = http_date(moment.timestamp())
    return response
