"""Cookies are for staff: public pages neither read nor set one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class CookielessMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Without it a stale cookie of the admin would be answered with a new one, even to a one-click POST."""
        if not request.path_info.startswith("/admin/"):
            request.META.pop("HTTP_COOKIE", None)
        return self.get_response(request)
