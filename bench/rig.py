"""The servers of a run and the processes that are measured against them; nothing of it is left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bench import sink
from tests.services import postgresql

ROOT = Path(__file__).resolve().parents[1]
# As a server has them that must not lose a commit, unlike the server of the tests.
DURABLE = ("max_connections=50", "listen_addresses=127.0.0.1", "unix_socket_directories=")
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
    "LANE_SECONDS": "600",
}
SHARED = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")


class CannotMeasure(Exception):
    """`str()` says what is missing or what went wrong."""


@dataclass(frozen=True)
class Rig:
    folder: Path
    server: str
    sink: str

    def database(self, name: str) -> str:
        """A new PostgreSQL database with our tables and nobody in them."""
        address = self.bare_database(name)
        self.run(address, "bench.scenery.migrate", 0)
        return address

    def bare_database(self, name: str) -> str:
        with psycopg.connect(f"{self.server}/postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"{self.server}/{name}"

    def sqlite(self) -> str:
        address = f"sqlite:///{self.folder / 'bench.sqlite3'}"
        self.run(address, "bench.scenery.migrate", 0)
        return address

    def run(self, database: str, work: str, number: int) -> Any:
        """What one function of the bench found, in a process of its own."""
        environment = SETTINGS | {
            "DATABASE_URL": database,
            "MAILERS": f"main=smtp://{self.sink}?tls=none",
            "MEDIA_ROOT": str(self.folder / "media"),
            "STATIC_ROOT": str(self.folder / "static"),
        }
        return output([sys.executable, "-m", "bench.worker", work, str(number)], environment)


def output(command: list[str], environment: dict[str, str]) -> Any:
    """The JSON on the last line that a program prints."""
    shared = {name: os.environ[name] for name in SHARED if name in os.environ}
    done = subprocess.run(command, env=shared | environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotMeasure(f"{' '.join(command[2:])} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def rig() -> Iterator[Rig]:
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # PostgreSQL's own user must be able to pass through.
        folder.chmod(0o755)
        with postgresql(folder, DURABLE) as address, sink.open_sink(folder) as door:
            yield Rig(folder, address.rpartition("/")[0], door)
