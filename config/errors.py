"""What readers see when something is not as it should be: a page in their language, also without a database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.log import log_response
from django.utils.translation import override

from subscribers.consent.pages import language_for

# For mail programs and servers that post by themselves; people are told to wait a minute.
RETRY_SECONDS: Final = 60
# Those that Django or a view answer without a word.
SILENT: Final = {405: "405.html", 429: "429.html"}


class FriendlyErrorsMiddleware:
    """For public pages; the admin has its own ways."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or is_for_staff(request):
            return response
        if response.status_code in SILENT and not response.streaming and not response.content:
            response.content = page(request, SILENT[response.status_code])
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A database that is away comes back, so whoever posted something is to try again."""
        if is_for_staff(request) or not isinstance(exception, OperationalError | InterfaceError):
            return None
        response = HttpResponse(page(request, "503.html"), status=503)
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        log_response(
            "%s: %s", response.reason_phrase, request.path, response=response, request=request, exception=exception
        )
        return response


def page(request: HttpRequest, template: str) -> str:
    with override(language_for(request)):
        return render_to_string(template)


def is_for_staff(request: HttpRequest) -> bool:
    return request.path_info.startswith("/admin/")
