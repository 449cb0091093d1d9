"""What mail programs ask for by the thousand, answered past everything that these answers do not need.

That is: one click of those who leave, links and pictures, as long as nothing about them is unusual. All else, such as
a wrong token, a visitor who wants to see a page, or a database that is away, goes the long way to the same views.
"""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError

from . import clicks, one_click


class AtOnceMiddleware:
    """It stands behind what makes every answer safe, and before sessions, languages and forms."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            response = answer(request)
        except (Error, SuspiciousOperation, BadRequest, MultiPartParserError):
            response = None
        return response or self.get_response(request)


def answer(request: HttpRequest) -> HttpResponse | None:
    """None, and nothing done, for what is not usual. The addresses are those of campaigns.urls."""
    if not request.path_info.startswith(("/c/", "/u/")):
        return None
    # Refuses hosts that are not ours, before anything is done.
    request.get_host()
    response = None
    match request.path_info.split("/"):
        case ["", "c", token, number] if request.method in clicks.METHODS:
            response = clicks.found(request, token, number)
        case ["", "u", token] if one_click.is_usual(request):
            response = one_click.leave(request, token)
    if response:
        response.headers["Content-Length"] = str(len(response.content))
    return response
