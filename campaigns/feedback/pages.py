"""The pages behind a signed link that names a mail."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from subscribers.consent import brands, pages
from subscribers.consent.pages import language_for, private
from subscribers.signing import BadToken, Purpose

from .letter import Letter, opened

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
            with translation.override(language_for(request, own_language(letter))):
                return view(request, letter)

        return csrf_exempt(wraps(view)(private(page)))

    return decorate


def show(request: HttpRequest, letter: Letter, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"letter": letter, "sender": letter.sender, "brand": brands.look_of(letter.lists())}
    return pages.show(request, template, context, own_language=own_language(letter), status=status)


def own_language(letter: Letter) -> str:
    return letter.subscriber.reads if letter.subscriber else ""
