"""What every test may ask for."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.db import connection
from django.utils.translation import deactivate
from hypothesis import settings as hypothesis_settings
from pytest_django.plugin import DjangoDbBlocker

from campaigns.delivery import sweep
from campaigns.feedback import counting, targets
from tests.catcher import Catcher, catching

hypothesis_settings.register_profile("broadsheet", deadline=None, max_examples=100, derandomize=True, database=None)
hypothesis_settings.load_profile("broadsheet")

# Who asks for one of these wants rows in the database of the pass.
ROWS = {"db", "transactional_db"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


# What is counted is written at once, in the test's own transaction.
counting.buffer.close()


def chromium() -> str | None:
    return os.environ.get("CHROMIUM") or next((path for name in BROWSERS if (path := shutil.which(name))), None)


# Before the tests are chosen by their marks.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if is_the_same_on_each_database(item):
            item.add_marker("once")
    # They take the longest, and should not be what the others wait for in the end.
    items.sort(key=lambda item: item.get_closest_marker("services") is None)
    skip_what_cannot_run_here(items)


def is_the_same_on_each_database(item: pytest.Item) -> bool:
    marks = {mark.name for mark in item.iter_markers()}
    return not (marks & {"alone", "browser", "django_db", "services"} or ROWS & set(item.fixturenames))


def skip_what_cannot_run_here(items: list[pytest.Item]) -> None:
    missing = {}
    if not chromium():
        missing["browser"] = "no Chromium on this machine; name one in CHROMIUM"
    if not {"DATABASE_URL", "TEST_REDIS_URL"} <= os.environ.keys():
        missing["services"] = "no PostgreSQL and Redis here; `make test` starts them"
    for item in items:
        for marker in missing.keys() & {mark.name for mark in item.iter_markers()}:
            item.add_marker(pytest.mark.skip(reason=missing[marker]))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """With a server that has been there for a while, since nobody's lease runs out before."""
    with django_db_blocker.unblock():
        while sweep.has_just_started():
            time.sleep(0.2)


@pytest.fixture(autouse=True)
def nothing_known_of_other_tests() -> None:
    """Their rows are gone, and their numbers come again; the language that a request left is none of ours."""
    targets.forget()
    deactivate()


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = chromium()
    assert found
    return found


@pytest.fixture
def catcher(settings: object) -> Iterator[Catcher]:
    """A real SMTP server on loopback, and the mailer `main` leads to it."""
    with catching() as running:
        settings.MAILERS = {"main": running.mailer()}  # type: ignore[attr-defined]
        yield running


@pytest.fixture
def database_url() -> str:
    """Where the test's rows are, for other processes; ask for a transactional test with it."""
    names = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{names['NAME']}"
    return f"postgres://{names['USER']}:{names['PASSWORD']}@{names['HOST']}:{names['PORT']}/{names['NAME']}"


@pytest.fixture
def process_environment(database_url: str, catcher: Catcher, tmp_path: Path) -> dict[str, str]:
    """The environment of a real process of Broadsheet that shares the test's database and catcher."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url,
        "MAILERS": f"main={catcher.url()}",
        "MEDIA_ROOT": str(tmp_path / "media"),
    }


@pytest.fixture
def redis_url() -> str:
    """A throw-away Redis; `make test` starts one for the run on PostgreSQL."""
    address = os.environ.get("TEST_REDIS_URL")
    if not address:
        pytest.skip("no Redis here; `make test` starts one")
    # Tests that run at the same time have each a database of their own, here too.
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    address = f"{address.rpartition('/')[0]}/{worker}"
    with redis.Redis.from_url(address) as client:
        client.flushdb()
    return address
