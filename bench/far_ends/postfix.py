"""A whole mail server on this machine: postfix with rows, queue and log of its own, which throws all mail away."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.far_ends.sink import found
from bench.far_ends.started import HOST, wait_for
from tests.services import free_port

DRAIN_SECONDS = 60
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/rows
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example.org
mydestination =
mynetworks = 127.0.0.0/8
default_transport = discard:
alias_maps =
alias_database =
"""
# As postfix ships them, without those that other ways of delivery need.
MASTER = """
{port}    inet       n - n - - smtpd
cleanup   unix       n - n - 0 cleanup
qmgr      unix       n - n 300 1 qmgr
rewrite   unix       - - n - - trivial-rewrite
bounce    unix       - - n - 0 bounce
defer     unix       - - n - 0 bounce
trace     unix       - - n - 0 bounce
proxymap  unix       - - n - - proxymap
showq     unix       n - n - - showq
error     unix       - - n - - error
retry     unix       - - n - - error
discard   unix       - - n - - discard
anvil     unix       - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
"""


class NoPostfix(Exception):
    """`str()` says why."""


@dataclass(frozen=True)
class Postfix:
    address: str
    queue: Path

    def drain(self) -> None:
        """Wait until what it took is gone, so that nobody pays for the mails of another."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < deadline and any(
            path.is_file() for part in ("incoming", "active") for path in (self.queue / part).rglob("*")
        ):
            time.sleep(0.2)


@contextmanager
def open_postfix(parent: Path) -> Iterator[Postfix]:
    program = found("postfix")
    if program is None:
        raise NoPostfix("install postfix")
    if os.geteuid():
        raise NoPostfix("its master runs as root only")
    folder, port = parent / "postfix", free_port()
    etc = folder / "etc"
    for made in (etc, folder / "queue", folder / "rows"):
        made.mkdir(parents=True)
    shutil.chown(folder / "rows", "postfix")
    (etc / "main.cf").write_text(MAIN.format(folder=folder), encoding="utf-8")
    (etc / "master.cf").write_text(MASTER.format(port=f"{HOST}:{port}"), encoding="utf-8")
    try:
        subprocess.run([program, "-c", str(etc), "start"], check=True, capture_output=True, text=True)
        wait_for(port)
    except (subprocess.CalledProcessError, TimeoutError) as error:
        raise NoPostfix(f"it does not start: {error}") from error
    try:
        yield Postfix(f"{HOST}:{port}", folder / "queue")
    finally:
        subprocess.run([program, "-c", str(etc), "stop"], check=False, capture_output=True)
