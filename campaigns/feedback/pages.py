"""What all pages behind a signed link have in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from subscribers.consent.flows import Evidence
from subscribers.consent.forms import own_name
from subscribers.signing import BadToken, Purpose

from .letter import Letter, opened

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
LetterView = Callable[[HttpRequest, Letter], HttpResponse]
TokenView = Callable[[HttpRequest, str], HttpResponse]


def behind(purpose: Purpose) -> Callable[[LetterView], TokenView]:
    """Make a view of a letter into a view of its token.

    Exempt from the CSRF check: the token in the address is the only credential and no cookie is read, so
    that there is nothing another site could borrow. RFC 8058 wants mail programs to post without any.
    """

    def decorate(view: LetterView) -> TokenView:
        @require_http_methods(["GET", "HEAD", "POST"])
        def page(request: HttpRequest, token: str) -> HttpResponse:
            try:
                letter = opened(purpose, token)
            except BadToken:
                return render(request, "404.html", status=404)
            with translation.override(language_for(request, letter)):
                return view(request, letter)

        return csrf_exempt(wraps(view)(private(page)))

    return decorate


def private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a view whose answers are kept by nobody and say nowhere where they came from."""

    @wraps(view)
    def answer(request: HttpRequest, *args: str, **kwargs: str) -> HttpResponse:
        response = view(request, *args, **kwargs)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return answer


def language_for(request: HttpRequest, letter: Letter) -> str:
    """What was chosen on the page, else the reader's own language, else what the browser asks for."""
    chosen = supported(request.GET.get("language", ""))
    return chosen or supported(letter.subscriber.reads if letter.subscriber else "") or current_language()


def supported(code: str) -> str | None:
    try:
        return translation.get_supported_language_variant(code)
    except LookupError:
        return None


def current_language() -> str:
    return translation.get_language() or settings.LANGUAGE_CODE


def show(request: HttpRequest, letter: Letter, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Rendered at once, so that the page is in the language that was activated for it."""
    language = current_language()
    own = supported(letter.subscriber.reads) if letter.subscriber else None
    context |= {
        "letter": letter,
        "sender": letter.sender,
        "here": request.path if language == own else f"{request.path}?language={language}",
        "languages": [(code, own_name(code), code == language) for code, _name in settings.LANGUAGES],
    }
    response = render(request, template, context, status=status)
    response.headers["Content-Language"] = language
    return response


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
        return str(ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        return None
