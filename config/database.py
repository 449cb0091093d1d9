"""DATABASE_URL in Django's words, with what each database needs to be safe under many writers; REDIS_URL."""

from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from config import env

EXPECTED = "sqlite:///path or postgres://user:password@host:port/name"

POSTGRESQL_OPTIONS = {
    # What is prepared is run thousands of times; planning it anew for each would take longer than running it.
    # A process that is stopped in the middle of a transaction loses it, or all others would wait for its locks.
    "options": "-c plan_cache_mode=force_generic_plan -c idle_in_transaction_session_timeout=30s",
    # A server that has gone without a word must not keep a process waiting for hours.
    "connect_timeout": "10",
    "tcp_user_timeout": "30000",
}
# Longer than a worker waits for its next task.
REDIS_PATIENCE = {"socket_timeout": "10", "socket_connect_timeout": "5"}


def database(default_file: Path) -> dict[str, Any]:
    try:
        address = urlsplit(env.secret("DATABASE_URL", f"sqlite:///{default_file}"))
        port = address.port
    except ValueError:
        raise env.wrong("DATABASE_URL", EXPECTED) from None
    if address.scheme == "sqlite" and len(address.path) > 1:
        return sqlite(Path(unquote(address.path[1:])))
    if address.scheme in {"postgres", "postgresql"} and len(address.path) > 1:
        return postgresql(address, port)
    raise env.wrong("DATABASE_URL", EXPECTED)


def sqlite(file: Path) -> dict[str, Any]:
    file.parent.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "OPTIONS": {
            # With deferred transactions a reader that turns writer fails at once with "database is
            # locked", whatever the timeout; taking the write lock first makes it wait its turn.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }


def postgresql(address: SplitResult, port: int | None) -> dict[str, Any]:
    options = POSTGRESQL_OPTIONS | dict(parse_qsl(address.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(address.path[1:]),
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "HOST": options.pop("host", unquote(address.hostname or "")),
        "PORT": str(port or ""),
        "OPTIONS": options,
        # A new connection for each request or task costs ten times the work it is opened for.
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def redis_address() -> str:
    """Empty if the database carries the queue."""
    address = env.secret("REDIS_URL", "")
    if not address:
        return ""
    parts = urlsplit(address)
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise env.wrong("REDIS_URL", "redis://host:port/number")
    chosen = dict(parse_qsl(parts.query))
    patience = urlencode({name: seconds for name, seconds in REDIS_PATIENCE.items() if name not in chosen})
    return f"{address}{'&' if parts.query else '?'}{patience}" if patience else address
