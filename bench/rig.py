"""The servers of a run and the processes that are measured against them; nothing of it is left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bench.far_ends.sink import open_sink
from subscribers.terminal import say
from tests.services import postgresql

ROOT = Path(__file__).resolve().parents[1]
# Those of docker-compose.yml. Unlike the server of the tests, it must not lose a commit.
TUNING = ("shared_buffers=512MB", "max_wal_size=4GB", "wal_buffers=64MB")
DURABLE = ("max_connections=50", "listen_addresses=127.0.0.1", "unix_socket_directories=", *TUNING)
# What a developer exports must not decide a figure.
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DEBUG": "false",
    "BASE_URL": "https://news.example.org",
    "ALLOWED_HOSTS": "",
    "SECRET_KEY": "only-for-measuring-" * 4,
    "SIGNING_KEYS": "bench:only-for-measuring-0123456789abcdef",
    "FINGERPRINT_KEY": "bench:only-for-measuring-0123456789abcdef",
    "LOG_LEVEL": "WARNING",
    "UNDO_SECONDS": "0",
    # Longer than any campaign of the bench takes, on as many connections as the transport has.
    "LANE_SECONDS": "600",
    "LANE_CONNECTIONS": "64",
}
SHARED = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")


class CannotMeasure(Exception):
    """`str()` says what is missing or what went wrong."""


@dataclass(frozen=True)
class Rig:
    folder: Path
    server: str
    sink: str
    crowds: dict[int, str] = field(default_factory=dict)

    def database(self, name: str, people: int) -> str:
        """A new PostgreSQL database with our tables and so many readers."""
        address = self.bare_database(name)
        self._fill(address, people)
        return address

    def crowd(self, people: int) -> str:
        """A database with so many readers that the parts share which plan for them."""
        if people not in self.crowds:
            say(f"  {people:,} readers are invited.")
            self.crowds[people] = self.database(f"crowd_{people}", people)
        return self.crowds[people]

    def sqlite(self, people: int) -> str:
        address = f"sqlite:///{self.folder / 'bench.sqlite3'}"
        self._fill(address, people)
        return address

    def bare_database(self, name: str) -> str:
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"{self.server}/{name}"

    def run(self, database: str, work: str, *numbers: int, to: str = "", **settings: int) -> Any:
        """What one function of the bench found, in a process of its own."""
        environment = self.environment(database, to) | {name.upper(): str(value) for name, value in settings.items()}
        return output([sys.executable, "-m", "bench.worker", work, *map(str, numbers)], environment)

    def environment(self, database: str, to: str = "") -> dict[str, str]:
        """Of a process of Broadsheet."""
        return SETTINGS | {
            "DATABASE_URL": database,
            "MAILERS": f"main=smtp://{to or self.sink}?tls=none",
            "MEDIA_ROOT": str(self.folder / "media"),
            "STATIC_ROOT": str(self.folder / "static"),
        }

    def _fill(self, address: str, people: int) -> None:
        self.run(address, "bench.scenery.migrate")
        self.run(address, "bench.crowd.invite", people)


def of_machine() -> dict[str, str]:
    """What a program needs of the environment of this one."""
    return {name: os.environ[name] for name in SHARED if name in os.environ}


def output(command: list[str], environment: dict[str, str]) -> Any:
    """The JSON on the last line that a program prints."""
    done = subprocess.run(
        command, env=of_machine() | environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotMeasure(f"{' '.join(command[2:])} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def rig(*options: str) -> Iterator[Rig]:
    """`options`: more settings of PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # PostgreSQL's own user must be able to pass through.
        folder.chmod(0o755)
        with postgresql(folder, DURABLE + options) as address, open_sink(folder) as door:
            yield Rig(folder, address.rpartition("/")[0], door)
