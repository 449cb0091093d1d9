"""Where mail goes by default: postfix's smtp-sink, or the bench's own server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from bench.far_ends.started import door, python
from tests.services import free_port, unprivileged

ROUND_TRIP_MILLISECONDS = 20


def smtp_sink() -> str | None:
    """Unless SINK=own asks for ours."""
    return None if os.environ.get("SINK") == "own" else found("smtp-sink")


def smtp_source() -> str | None:
    return found("smtp-source")


def found(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")


@contextmanager
def open_sink(folder: Path) -> Iterator[str]:
    """Its host and port."""
    program, port = smtp_sink(), free_port()
    if program is None:
        with own_server(folder) as address:
            yield address
        return
    # It refuses to go on as root, like PostgreSQL.
    owner = unprivileged()
    command = [program, *(["-u", owner.pw_name] if owner else []), f"127.0.0.1:{port}", "256"]
    with door(command, port, folder / "sink.log") as address:
        yield address


@contextmanager
def own_server(folder: Path, *extensions: str, round_trip: int = 0) -> Iterator[str]:
    """`round_trip`: milliseconds until the answer is there."""
    port = free_port()
    command = python("bench.far_ends.server", port, round_trip, *extensions)
    with door(command, port, folder / f"server-{port}.log") as address:
        yield address


def far_away(folder: Path, *extensions: str) -> AbstractContextManager[str]:
    return own_server(folder, *extensions, round_trip=ROUND_TRIP_MILLISECONDS)
