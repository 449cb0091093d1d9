"""What all pages for readers have in common, whatever opens them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.gzip import gzip_page

from .flows import Evidence
from .forms import own_name

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


def private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a view whose answers are kept by nobody and say nowhere where they came from."""

    @wraps(view)
    def answer(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        response = view(request, *args, **kwargs)
        for name, value in HEADERS.items():
            # A page that shows a mail has other rules, which are its own.
            response.headers.setdefault(name, value)
        return response

    return answer


# Packed for browsers that unpack, since the time zones of the world are long. Guessing secrets from lengths (BREACH)
# gets nowhere: whoever can ask for a page of one reader has the address that opens it, and nothing else does.
@gzip_page
def show(
    request: HttpRequest, template: str, context: dict[str, Any], *, own_language: str = "", status: int = 200
) -> HttpResponse:
    """Rendered at once, so that the page is in the language that was activated for it.

    Forms post to ``here``, which keeps that language unless it is the reader's own anyhow.
    """
    language = current_language()
    context = {
        "here": with_language(request.path, own_language),
        "languages": [(code, own_name(code), code == language) for code, _name in settings.LANGUAGES],
        **context,
    }
    response = render(request, template, context, status=status)
    response.headers["Content-Language"] = language
    return response


def with_language(path: str, own_language: str) -> str:
    """Of another page that shall be in the same language as this one."""
    language = current_language()
    return path if language == supported(own_language) else f"{path}?language={language}"


def language_for(request: HttpRequest, own: str = "") -> str:
    """What was chosen on the page, else the reader's own language, else what the browser asks for."""
    return supported(request.GET.get("language", "")) or supported(own) or current_language()


def supported(code: str) -> str | None:
    try:
        return translation.get_supported_language_variant(code)
    except LookupError:
        return None


def current_language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE


def evidence(request: HttpRequest, source: str, statement: str = "") -> Evidence:
    return Evidence(
        source=source,
        statement=statement,
        language=current_language(),
        network_address=network_address(request),
    )


def network_address(request: HttpRequest) -> str | None:
    """None behind a local socket, where nobody has one."""
    try:
        # What follows a per cent sign is the name of a card of ours, and none of a column's business.
        return str(ip_address(request.META.get("REMOTE_ADDR", "").partition("%")[0]))
    except ValueError:
        return None
