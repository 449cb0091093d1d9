"""What a run needs around it: settings of its own, and a far end that nobody kills."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 180
# What a developer exports must not decide whether the promise holds.
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DEBUG": "false",
    "BASE_URL": "https://news.example.org",
    "SECRET_KEY": "only-for-torture-" * 4,
    "SIGNING_KEYS": "torture:only-for-torture-0123456789abcdef",
    "FINGERPRINT_KEY": "torture:only-for-torture-0123456789abcdef",
    "LOG_LEVEL": "WARNING",
    "UNDO_SECONDS": "0",
    "HAND_OVER": "16",
    "LEASE_SECONDS": "10",
}
SHARED = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH")


class Broken(Exception):
    """The promise did not hold; `str()` says which part of it."""


def perform(program: str, words: list[str], settings: dict[str, str]) -> int:
    """Run one of the programs beside this file; its Django knows nothing but these settings."""
    shared = {name: os.environ[name] for name in SHARED if name in os.environ}
    command = [sys.executable, "-m", f"tests.torture.{program}", *words]
    return subprocess.run(command, cwd=ROOT, env=shared | SETTINGS | settings, check=False).returncode


@contextmanager
def sink(folder: Path, pace: float) -> Iterator[dict[str, str]]:
    """It takes `pace` mails a second; yields the settings that lead to it and to its book."""
    port, book = free_port(), folder / "taken"
    book.touch()
    words = [sys.executable, "-m", "tests.torture.sink", str(port), str(book), str(pace)]
    process = subprocess.Popen(words, cwd=ROOT, start_new_session=True)
    try:
        yield {
            "MAILERS": f"main=smtp://127.0.0.1:{port}?tls=none",
            "BOOK": str(book),
            "MEDIA_ROOT": str(folder / "media"),
            "STATIC_ROOT": str(folder / "static"),
        }
    finally:
        process.kill()
        process.wait()


def taken() -> Counter[str]:
    """By whom the far end has mails, and how many."""
    return Counter(Path(os.environ["BOOK"]).read_text().split())


def wait_until(happened: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise Broken(f"In {seconds:.0f} seconds it did not happen that {what}.")
        time.sleep(0.05)
