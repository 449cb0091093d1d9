"""MAILERS: the ways out, each an alias and an address, turned into Django e-mail backends."""

import re
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from config import env

SMTP = "django.core.mail.backends.smtp.EmailBackend"
CONSOLE = "django.core.mail.backends.console.EmailBackend"
EXPECTED = "alias=smtp://user:password@host:port?tls=starttls|ssl|none&timeout=30, separated by commas"
ALIAS = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
PORTS = {"starttls": 587, "ssl": 465, "none": 25}
OPTIONS = frozenset({"tls", "timeout", "chunking"})
CHUNKING = {"yes": True, "no": False}


def mailers() -> dict[str, dict[str, Any]]:
    written = env.secret("MAILERS", "main=smtp://127.0.0.1:25?tls=none")
    found: dict[str, dict[str, Any]] = {}
    for item in written.replace(",", " ").split():
        alias, equals, address = item.partition("=")
        if not equals or not ALIAS.fullmatch(alias) or alias in found:
            raise env.wrong("MAILERS", EXPECTED)
        found[alias] = mailer(address)
    return found


def mailer(address: str) -> dict[str, Any]:
    try:
        parts = urlsplit(address)
        if parts.scheme == "console":
            return {"BACKEND": CONSOLE, "OPTIONS": {}}
        if parts.scheme == "smtp" and parts.hostname and parts.path in {"", "/"}:
            return {"BACKEND": SMTP, "OPTIONS": smtp_options(parts, parts.hostname)}
    except (ValueError, KeyError):
        pass
    raise env.wrong("MAILERS", EXPECTED)


def smtp_options(parts: SplitResult, host: str) -> dict[str, Any]:
    """The arguments of the SMTP backend; ValueError or KeyError if the address is wrong."""
    query = {name: values[-1] for name, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()}
    if query.keys() - OPTIONS:
        raise ValueError
    tls = query.get("tls", "starttls")
    # Without a time limit one silent server would hold a connection, and its mails, for ever.
    timeout = int(query.get("timeout", "30"))
    if timeout < 1:
        raise ValueError
    chunking = {"chunking": CHUNKING[query["chunking"]]} if "chunking" in query else {}
    return chunking | {
        "host": host,
        "port": parts.port or PORTS[tls],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": tls == "starttls",
        "use_ssl": tls == "ssl",
        "timeout": timeout,
    }
