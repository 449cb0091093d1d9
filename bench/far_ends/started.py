"""A server that is there as soon as it answers, and gone afterwards."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"
PATIENCE_SECONDS = 10


def python(module: str, *words: object) -> list[str]:
    return [sys.executable, "-m", module, *map(str, words)]


@contextmanager
def door(command: Sequence[str], port: int, log: Path) -> Iterator[str]:
    """The host and port of a program that listens there while the block lasts."""
    with log.open("wb") as output:
        # A session of its own keeps the terminal's Ctrl-C from it.
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        wait_for(port)
        yield f"{HOST}:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def wait_for(port: int) -> None:
    """TimeoutError if nobody listens after some time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        if time.monotonic() > deadline:
            raise TimeoutError(f"Nothing listens on port {port}.")
        time.sleep(0.05)
