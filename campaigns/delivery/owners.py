"""Names of lanes, which tell on their own machine whether the process behind one is gone."""

from __future__ import annotations

import os
import secrets
import socket
from functools import cache
from hashlib import sha256
from pathlib import Path

PROC = Path("/proc")


def new_owner() -> str:
    """Ours alone: host, process, when it was started and where its number means something, and a number of the lane."""
    pid = os.getpid()
    return f"{socket.gethostname()[:40]}:{pid}:{_started(pid)}:{_realm()}:{secrets.token_hex(4)}"


def is_gone(owner: str) -> bool:
    """True if its process was on this machine and has ended. False if it lives, or nobody here can know."""
    _host, pid, started, realm, _lane = owner.rsplit(":", 4)
    return bool(realm) and realm == _realm() and _started(int(pid)) != started


@cache
def _realm() -> str:
    """Where a process number names one process: this boot and this namespace; empty if the system does not say."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text()
        space = (PROC / "self/ns/pid").stat().st_ino
    except OSError:
        return ""
    return sha256(f"{boot}{space}".encode()).hexdigest()[:12]


def _started(pid: int) -> str:
    """In ticks since the machine was started, or empty if the process has ended (see proc(5))."""
    try:
        state, *fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    # A killed child stays a zombie until its parent looks.
    return "" if state in {"Z", "X"} else fields[18]
