"""The folder that a demo lives in, made new each time, and the environment of its processes."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# A rehearsal does not wait an hour to show an hourly limit: here an hour takes a minute, and the first
# mail, the first retry and the end of a domain's rest come after seconds.
HOUR_SECONDS = 60
PATIENCE_SECONDS = 10
RETRY_SECONDS = 4
UNDO_SECONDS = 3
DOMAIN_REST_SECONDS = 3

_KEPT_FROM_OUTSIDE = ("PATH", "HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "COLUMNS", "NO_COLOR", "PYTHONWARNINGS")


class CannotStage(Exception):
    """The demo cannot run here; `str()` says why in words."""


@dataclass(frozen=True)
class Stage:
    folder: Path
    web_port: int
    smtp_port: int
    user: str
    password: str

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.web_port}"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def mails(self) -> Path:
        return self.folder / "mailbox"

    @property
    def workbook(self) -> Path:
        return self.folder / "readers.xlsx"

    def environment(self) -> dict[str, str]:
        """Everything a process of the demo is told, whatever the developer's own settings say."""
        outside = {name: os.environ[name] for name in _KEPT_FROM_OUTSIDE if name in os.environ}
        return outside | {
            "DEBUG": "false",
            "BASE_URL": self.address,
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "SECRET_KEY": secrets.token_urlsafe(64),
            "SIGNING_KEYS": f"demo:{secrets.token_hex(32)}",
            "FINGERPRINT_KEY": f"demo:{secrets.token_hex(32)}",
            "DATABASE_URL": f"sqlite:///{self.folder / 'broadsheet.sqlite3'}",
            "MEDIA_ROOT": str(self.folder / "media"),
            "STATIC_ROOT": str(self.folder / "static"),
            "MAILBOX_DIR": str(self.mails),
            "MAILERS": f"main=smtp://127.0.0.1:{self.smtp_port}?tls=none&timeout={PATIENCE_SECONDS}",
            "LIMIT_WINDOW_SECONDS": str(HOUR_SECONDS),
            "RETRY_SECONDS": str(RETRY_SECONDS),
            "UNDO_SECONDS": str(UNDO_SECONDS),
            "DOMAIN_REST_SECONDS": str(DOMAIN_REST_SECONDS),
            "DJANGO_SUPERUSER_USERNAME": self.user,
            "DJANGO_SUPERUSER_PASSWORD": self.password,
            "DJANGO_SUPERUSER_EMAIL": f"{self.user}@example.org",
            "PYTHONUNBUFFERED": "1",
        }


@contextmanager
def new_stage(folder: Path, web_port: int) -> Iterator[Stage]:
    """An empty folder that is ours alone until the end; raises CannotStage."""
    if web_port and not is_free(web_port):
        raise CannotStage(
            f"Port {web_port} is taken, perhaps by another Broadsheet. Choose one with PORT=8001 or --port 8001."
        )
    with emptied(folder):
        yield Stage(
            folder=folder.resolve(),
            web_port=web_port or free_port(),
            smtp_port=free_port(),
            user="admin",
            password=secrets.token_urlsafe(9),
        )


@contextmanager
def emptied(folder: Path) -> Iterator[None]:
    marker = folder / "demo.lock"
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise CannotStage(f"{folder} holds something that no demo has made; it stays as it is.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with marker.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStage(f"Another demo is running in {folder}.") from None
        for leftover in folder.iterdir():
            if leftover.is_dir() and not leftover.is_symlink():
                shutil.rmtree(leftover)
            elif leftover != marker:
                leftover.unlink()
        yield


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: connections of a server that has just ended do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
