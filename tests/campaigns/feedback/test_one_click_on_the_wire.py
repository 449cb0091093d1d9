"""RFC 8058 as a mail provider does it: sockets, no cookies, no redirect followed, against the real web process."""

from __future__ import annotations

import http.client
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from campaigns.models import Event
from campaigns.rehearsal.processes import listens, processes
from campaigns.rehearsal.stage import free_port
from subscribers.models import ConsentRecord, Subscription

from .conftest import on
from .test_one_click import BODIES

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parent.parent.parent.parent
COMPANY: list[dict[str, str]] = [
    {"Cookie": "sessionid=made-up; csrftoken=made-up; django_language=ja"},
    {"Origin": "https://mail.example.com", "Referer": "https://mail.example.com/inbox"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
    {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "elsewhere.example.net"},
    {"User-Agent": ""},
]
LANGUAGES = ["", "ar", "fr-CA,fr;q=0.9", "xx"]


@pytest.fixture
def port(mail: Any, database_url: str, tmp_path: Path) -> Iterator[int]:
    chosen = free_port()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.strict_settings",
        "DATABASE_URL": database_url,
        "MEDIA_ROOT": str(tmp_path / "media"),
        "BASE_URL": "https://letters.example.org",
        "MAILERS": "",
    }
    with processes(ROOT, tmp_path / "logs", environment) as cast:
        cast.start("web", "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{chosen}", "--no-control-socket")
        cast.wait_until(lambda: listens(chosen), "The web server")
        yield chosen


def post(port: int, path: str, encoding: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    body, content_type = BODIES[encoding]
    return ask(port, "POST", path, body, **{"Content-Type": content_type, **headers})


def ask(port: int, method: str, path: str, body: str = "", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body.encode(), {"Host": "letters.example.org", **headers})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_this_host_insists_on_https_where_it_may(port: int, mail: Any) -> None:
    """Or the tests below would prove nothing."""
    status, headers, _body = ask(port, "GET", "/admin/login/")

    assert (status, headers.get("location")) == (301, "https://letters.example.org/admin/login/")


def test_one_click_is_answered_at_once_in_either_encoding_and_as_often_as_it_comes(
    port: int, mail: Any, ann: Any
) -> None:
    seen = set()

    for encoding in BODIES:
        for language in LANGUAGES:
            status, headers, body = post(port, mail.unsubscribe, encoding, **{"Accept-Language": language})
            assert (status, encoding) == (200, encoding)
            assert not headers.keys() & {"location", "set-cookie", "refresh"}
            assert headers["cache-control"] == "no-store"
            assert "cookie" not in headers.get("vary", "").lower()
            seen.add(body)

    assert len(seen) == 1
    assert on(ann) == {"board"}
    assert ConsentRecord.objects.count() == Event.objects.count() == 1


def test_whatever_else_comes_with_it_one_post_is_enough_and_nothing_is_redirected(
    port: int, mail: Any, ann: Any
) -> None:
    for headers in COMPANY:
        Subscription.objects.update(status="active", ended_at=None)

        status, answered, _body = post(port, mail.unsubscribe, "urlencoded", **headers)

        assert (status, headers) == (200, headers)
        assert not answered.keys() & {"location", "set-cookie"}
        assert on(ann) == {"board"}
    for wrong in (f"{mail.unsubscribe}x", f"/de{mail.unsubscribe}", mail.unsubscribe[:-1], f"{mail.unsubscribe}/"):
        status, answered, _body = post(port, wrong, "urlencoded")
        assert (status, answered.get("location")) == (404, None), wrong
