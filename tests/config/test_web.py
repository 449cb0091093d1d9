"""What every page gets from the set-up: headers, the proxy's word, the health check, no surprising redirects."""

from typing import Any

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from config.proxy import TrustedProxyMiddleware


def test_a_healthy_process_says_so(client: Client, db: None) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_process_without_its_database_is_not_healthy(client: Client, db: None) -> None:
    def away(*_call: object) -> None:
        raise OperationalError("the server has gone")

    with connection.execute_wrapper(away):
        answer = client.get("/healthz")

    assert answer.status_code == 503


def test_public_pages_may_load_nothing_from_elsewhere_and_run_nothing(client: Client, db: None) -> None:
    policy = client.get("/healthz").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "http" not in policy


def test_the_admin_may_show_the_pictures_of_mails_but_runs_only_our_scripts(client: Client, db: None) -> None:
    policy = client.get("/admin/login/").headers["Content-Security-Policy"]

    assert "img-src 'self' data: blob: https: http:" in policy
    assert "script-src 'self' 'unsafe-inline' 'unsafe-eval';" in policy


@pytest.mark.parametrize("path", ["/healthz/", "/nothing", "/nothing/", "/healthz"])
def test_a_public_post_is_never_redirected(db: None, path: str, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True

    answer = Client(enforce_csrf_checks=True).post(path)

    assert answer.status_code in {403, 404, 405}


def test_the_admin_insists_on_https_where_there_is_https(db: None, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True

    answer = Client().get("/admin/login/")

    assert (answer.status_code, answer.headers["Location"]) == (301, "https://testserver/admin/login/")


def asked_from(forwarded: str) -> str:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.META["REMOTE_ADDR"])

    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded} if forwarded else {})
    return TrustedProxyMiddleware(view)(request).content.decode()


def test_behind_a_trusted_proxy_the_last_address_is_the_visitor(settings: Any) -> None:
    settings.TRUST_PROXY = True

    assert asked_from("198.51.100.66, 192.0.2.7") == "192.0.2.7"
    assert asked_from("") == "127.0.0.1"


def test_without_a_trusted_proxy_nobody_can_pretend_to_be_somebody_else() -> None:
    with pytest.raises(MiddlewareNotUsed):
        asked_from("192.0.2.7")


def test_a_browser_that_asks_for_the_icon_by_habit_finds_it(client: Client) -> None:
    answer = client.get("/favicon.ico")

    assert answer.status_code == 302
    assert answer.headers["Location"].endswith("public/icon.svg")
