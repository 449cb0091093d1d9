"""Whatever goes wrong, readers get a page in their language, and what they posted was not half done."""

import http.client
import os
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from campaigns.rehearsal.processes import listens, processes
from campaigns.rehearsal.stage import free_port
from config.urls import urlpatterns as all_of_ours
from subscribers.signing import Purpose, sign

ROOT = Path(__file__).resolve().parent.parent.parent
GERMAN = {"Accept-Language": "de-AT,de;q=0.9"}


FALLS = {
    "away": OperationalError,
    "gone": InterfaceError,
    "wrong": ValueError,
    "forbidden": PermissionDenied,
    "suspicious": SuspiciousOperation,
}


def fall_over(request: HttpRequest, how: str) -> HttpResponse:
    raise FALLS[how]("ann@example.org")


def too_often(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=429, headers={"Retry-After": "600"})


urlpatterns = [path("falls/<how>", fall_over), path("admin/falls/<how>", fall_over), path("often", too_often)]
urlpatterns += all_of_ours


@pytest.fixture
def reader(settings: object) -> Client:
    settings.ROOT_URLCONF = __name__  # type: ignore[attr-defined]
    return Client(raise_request_exception=False, headers=GERMAN)


@pytest.mark.parametrize("method", ["get", "head", "post"])
@pytest.mark.parametrize("how", ["away", "gone"])
def test_without_a_database_pages_ask_to_come_back(reader: Client, method: str, how: str) -> None:
    answer = getattr(reader, method)(f"/falls/{how}")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert answer.headers["Cache-Control"] == "no-store"


def test_staff_see_the_error_that_it_is(reader: Client) -> None:
    assert reader.get("/admin/falls/away").status_code == 500


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/falls/suspicious", 400),
        ("/falls/forbidden", 403),
        ("/nothing", 404),
        ("/often", 429),
        ("/falls/wrong", 500),
        ("/falls/away", 503),
    ],
)
def test_an_error_is_told_in_the_language_of_the_browser(reader: Client, db: None, address: str, status: int) -> None:
    answer = reader.get(address)

    assert answer.status_code == status
    assert b'<html lang="de"' in answer.content
    assert b"public/public.css" in answer.content
    assert b"ann@example.org" not in answer.content
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Length"] == str(len(answer.content))


def test_a_language_that_was_chosen_on_the_page_is_kept(reader: Client) -> None:
    assert b'<html lang="ar" dir="rtl"' in reader.get("/falls/away?language=ar").content


def test_a_wrong_method_is_answered_with_a_page(reader: Client) -> None:
    answer = reader.put(f"/u/{sign(Purpose.UNSUBSCRIBE, 1)}")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert b'<html lang="de"' in answer.content


@pytest.fixture
def server_without_database(tmp_path: Path) -> Iterator[str]:
    """Broadsheet as it is deployed, whose database's server refuses every connection."""
    web = free_port()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"postgres://broadsheet:secret@127.0.0.1:{free_port()}/broadsheet",
    }
    with processes(ROOT, tmp_path / "logs", environment) as cast:
        cast.start("web", "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{web}", "--no-control-socket")
        cast.wait_until(lambda: listens(web), "The web server")
        yield f"127.0.0.1:{web}"


def token(purpose: Purpose) -> str:
    return sign(purpose, 7)


ASKING_THE_DATABASE = [
    "/",
    f"/u/{token(Purpose.UNSUBSCRIBE)}",
    f"/p/{token(Purpose.PREFERENCES)}",
    f"/p/{token(Purpose.PREFERENCES)}/erase",
    f"/me/{token(Purpose.SELF)}",
    f"/confirm/{token(Purpose.CONFIRM)}",
    f"/v/{token(Purpose.WEB_VIEW)}",
    f"/c/{token(Purpose.CLICK)}/1",
    "/s/fair",
    "/archive/news/",
    "/archive/news/feed/en",
    "/archive/news/7/en",
    "/brand/1/0.css",
    "/sitemap.xml",
]
ONE_CLICK = "List-Unsubscribe=One-Click"
POSTED = [
    (f"/u/{token(Purpose.UNSUBSCRIBE)}", ONE_CLICK),
    (f"/u/{token(Purpose.UNSUBSCRIBE)}", "action=leave"),
    (f"/p/{token(Purpose.PREFERENCES)}", "action=leave"),
    (f"/confirm/{token(Purpose.CONFIRM)}", "action=confirm"),
    ("/preferences", "address=ann%40example.org"),
    ("/s/fair", "email=ann%40example.org"),
]
NOT_ASKING = {"/u/nonsense": 404, "/nothing": 404, "/preferences": 200, "/robots.txt": 200}


def test_with_its_server_down_the_site_is_friendly_and_asks_to_try_again(server_without_database: str) -> None:
    asked = [("GET", address, "") for address in [*ASKING_THE_DATABASE, *NOT_ASKING]]
    asked += [("HEAD", ASKING_THE_DATABASE[1], ""), *(("POST", *each) for each in POSTED)]

    for method, address, body in asked:
        status, headers, page = answer_of(server_without_database, method, address, body)
        expected = 503 if method != "GET" else NOT_ASKING.get(address, 503)
        assert (method, address, status) == (method, address, expected)
        assert headers["Set-Cookie"] is None
        if status == 503:
            assert (headers["Retry-After"], headers["Cache-Control"]) == ("60", "no-store")
            assert method == "HEAD" or b'<html lang="de"' in page


def answer_of(server: str, method: str, address: str, body: str) -> tuple[int, Message, bytes]:
    connection = http.client.HTTPConnection(server, timeout=20)
    form = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": "a=b"}
    connection.request(method, address, body, GERMAN | form)
    answer = connection.getresponse()
    page = answer.read()
    connection.close()
    return answer.status, answer.headers, page
