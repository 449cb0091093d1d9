"""Who is asking, when a reverse proxy asks for them (TRUST_PROXY)."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse


class TrustedProxyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.TRUST_PROXY:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Only the last address was written by our proxy; the ones before it anybody can invent."""
        if forwarded := request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip():
            request.META["REMOTE_ADDR"] = forwarded
        return self.get_response(request)
