"""PostgreSQL and Redis as they fail: in the middle of everything, and without a word."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.services import free_port, identity, postgresql, postgresql_programs, redis_program, unprivileged

# A commit that was acknowledged outlives the crash of the server, as it does wherever mail matters.
DURABLE = ("fsync=off", "max_connections=200", "listen_addresses=127.0.0.1", "unix_socket_directories=")


@contextmanager
def lasting_postgresql(folder: Path) -> Iterator[str]:
    with postgresql(folder, DURABLE) as address:
        try:
            yield address
        finally:
            # After a restart it is nobody's child.
            control(folder, "stop", "-m", "immediate")


def restart_postgresql(folder: Path) -> None:
    if control(folder, "restart", "-m", "immediate", "-l", str(folder / "postgresql" / "restarted.log")):
        raise RuntimeError("PostgreSQL does not come back.")


def control(folder: Path, *words: str) -> int:
    owner = unprivileged()
    command = [postgresql_programs(folder, owner) / "pg_ctl", "-w", "-D", folder / "postgresql", *words]
    silent = subprocess.DEVNULL
    return subprocess.run(command, stdout=silent, stderr=silent, cwd="/", check=False, **identity(owner)).returncode


class Redis:
    """It keeps nothing."""

    def __init__(self) -> None:
        self.port = free_port()
        self.start()

    def start(self) -> None:
        command = [redis_program(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        silent = subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdout=silent, stderr=silent, start_new_session=True)

    def crash(self) -> None:
        with redis.Redis.from_url(self.address) as client:
            client.flushall()
        self.stop()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def address(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"
