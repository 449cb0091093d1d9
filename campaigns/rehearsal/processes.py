"""Starts the processes of a demo and sees to it that none outlives it."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn

START_SECONDS = 60
STOP_SECONDS = 15
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1


class Stopped(Exception):
    """Somebody asked the demo to stop."""


class ProcessFailed(Exception):
    """A process ended that should have gone on; `str()` names it and shows its last words."""


@dataclass
class Processes:
    folder: Path
    logs: Path
    environment: dict[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *words: str) -> None:
        """Run Python with these words in the background, its output in a file."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with self._log(name).open("wb") as log:
            self.running[name] = self._open(words, log.fileno())

    def finish(self, name: str, *words: str) -> None:
        """Run Python with these words to its end, watching the others."""
        self.start(name, *words)
        if self._code_of(name):
            raise ProcessFailed(self._last_words(name))

    def perform(self, name: str, *words: str) -> int:
        """Run Python with these words on our own terminal, and return how it ended."""
        self.running[name] = self._open(words, None)
        return self._code_of(name)

    def wait_until(self, ready: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            self.watch()
            if time.monotonic() > deadline:
                raise ProcessFailed(f"{what} does not answer; see {self.logs}.")
            time.sleep(0.05)

    def watch(self, *, besides: str = "") -> None:
        """Raise ProcessFailed if one of them is gone."""
        for name, process in self.running.items():
            if name != besides and process.poll() is not None:
                raise ProcessFailed(self._last_words(name))

    def stop(self) -> None:
        """The last started first, so that the cluster can still hand over what it has on the wire."""
        for process in reversed(self.running.values()):
            end(process)
        self.running.clear()

    def _open(self, words: tuple[str, ...], output: int | None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=None if output is None else subprocess.STDOUT,
            # A session of its own: Ctrl-C reaches us alone, and we stop everybody in order.
            start_new_session=True,
            preexec_fn=end_with_parent,
        )

    def _code_of(self, name: str) -> int:
        process = self.running[name]
        while process.poll() is None:
            self.watch(besides=name)
            time.sleep(0.05)
        del self.running[name]
        return process.returncode

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def _last_words(self, name: str) -> str:
        with suppress(OSError):
            lines = self._log(name).read_text(errors="replace").splitlines()
            return "\n".join([f"The {name} process ended. Its last words:", *lines[-20:]])
        return f"The {name} process ended."


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask the process itself first; then make sure that nobody of its group is left."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def end_with_parent() -> None:
    """Runs in the child: the kernel asks it to stop when we are killed and cannot ask ourselves."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextmanager
def processes(folder: Path, logs: Path, environment: dict[str, str]) -> Iterator[Processes]:
    """All of them end here, also when we are interrupted or asked to stop, which raises Stopped."""
    company = Processes(folder, logs, environment)
    earlier = {number: signal.signal(number, interrupt) for number in STOP_SIGNALS}
    try:
        yield company
    finally:
        # Stopping is short and must not be cut shorter.
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        company.stop()
        for number, handler in earlier.items():
            signal.signal(number, handler)


def interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise Stopped(signal.Signals(number).name)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False
