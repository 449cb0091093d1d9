"""A real site in real processes, and a real browser in front of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import global_settings
from django.contrib.auth import get_user_model
from playwright.sync_api import Browser, Page, sync_playwright

from campaigns.composition import shipped
from campaigns.models import Layout
from campaigns.rehearsal.processes import answers, listens, processes
from campaigns.rehearsal.stage import free_port
from tests.campaigns.delivery import scene

ROOT = Path(__file__).resolve().parent.parent.parent
WIDTHS = {"desktop": 1400, "phone": 390}
# A browser of its own accord looks for updates, which has no place in a test.
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@dataclass(frozen=True)
class Site:
    address: str
    user: str
    password: str


@pytest.fixture(scope="module")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Not for the whole session: while it runs, no other test can have an event loop in this thread."""
    # Playwright's own loop runs in this thread; the rows are still read by nobody else at that moment.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield running
        running.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(
    request: pytest.FixtureRequest, transactional_db: None, settings: Any, database_url: str, tmp_path: Path
) -> Iterator[Site]:
    """Web, cluster and mail catcher, sharing the database of the test."""
    # The processes run with the real settings, which do not know the quick hasher of the tests.
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    # Other tests may have emptied the tables that migrations filled.
    shipped.install(Layout.objects)
    scene.transport()
    get_user_model().objects.create_superuser("ann", "ann@example.org", "a password of Ann")
    web, smtp = free_port(), free_port()
    address = f"http://127.0.0.1:{web}"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url,
        "MEDIA_ROOT": str(tmp_path / "media"),
        "BASE_URL": address,
        "MAILERS": f"main=smtp://127.0.0.1:{smtp}?tls=none",
        "MAILBOX_DIR": str(tmp_path / "mailbox"),
    }
    if "TEST_REDIS_URL" in os.environ:
        environment["REDIS_URL"] = request.getfixturevalue("redis_url")
    with processes(ROOT, tmp_path / "logs", environment) as cast:
        cast.start("catcher", "manage.py", "catch_mail", "--port", str(smtp), "--dir", str(tmp_path / "mailbox"))
        cast.start("cluster", "manage.py", "qcluster")
        bind = f"127.0.0.1:{web}"
        cast.start("web", "-m", "gunicorn", "config.wsgi", "--bind", bind, "--threads", "8", "--no-control-socket")
        cast.wait_until(lambda: listens(smtp), "The mail catcher")
        cast.wait_until(lambda: answers(f"{address}/healthz"), "The web server")
        yield Site(address, "ann", "a password of Ann")


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A tab that fails the test when a script of ours does."""
    context = browser.new_context(
        base_url=site.address, viewport={"width": WIDTHS["desktop"], "height": 900}, locale="en"
    )
    tab = context.new_page()
    faults: list[str] = []
    tab.on("pageerror", lambda error: faults.append(f"{tab.url}: {error.stack}"))
    yield tab
    context.close()
    assert faults == []


class Album:
    """Keeps pictures of pages at desktop and phone width, in the folder that PICTURES names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def take(self, page: Page, name: str) -> None:
        """And see that nothing needs sideways scrolling."""
        height = 900
        for device, width in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(150)
            page.screenshot(path=self.folder / f"{name}-{device}.png", full_page=True)
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert overflow <= 0, f"{name} at {width} pixels is {overflow} pixels too wide"
        page.set_viewport_size({"width": WIDTHS["desktop"], "height": height})


@pytest.fixture
def album(tmp_path: Path) -> Album:
    return Album(Path(os.environ.get("PICTURES", tmp_path / "pictures")))
