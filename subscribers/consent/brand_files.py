"""The colours and the logo of a brand, for browsers and mail programs to keep."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from subscribers.models import Brand

from .brands import Look, look

KINDS = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
FOR_EVER = "public, max-age=31536000, immutable"
FOR_A_MINUTE = "public, max-age=60"


@require_safe
def stylesheet(request: HttpRequest, number: int, digest: str) -> HttpResponse:
    found = looked_up(number)
    response = HttpResponse(found.css, content_type="text/css; charset=utf-8")
    return kept(response, is_of_now=found.stylesheet == request.path)


@require_safe
def logo(request: HttpRequest, number: int, digest: str, kind: str) -> HttpResponse:
    """An address in an old mail shows the logo of today."""
    found = looked_up(number)
    if not found.logo:
        raise Http404
    try:
        with found.brand.logo.open("rb") as file:
            content = file.read()
    except FileNotFoundError:
        # A copy of the database without its files.
        raise Http404 from None
    response = HttpResponse(content, content_type=KINDS[PurePosixPath(found.logo).suffix[1:]])
    return kept(response, is_of_now=found.logo == request.path)


def looked_up(number: int) -> Look:
    return look(get_object_or_404(Brand, pk=number))


def kept(response: HttpResponse, *, is_of_now: bool) -> HttpResponse:
    response.headers["Cache-Control"] = FOR_EVER if is_of_now else FOR_A_MINUTE
    # Pages of the archive stand elsewhere too, and so do mails.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
