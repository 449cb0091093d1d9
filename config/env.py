"""Typed readers of environment variables; a wrong value is an error that names the variable.

An empty variable counts as a missing one, because compose files cannot leave a variable out.
"""

import os
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

REQUIRED: Final = None
TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


def text(name: str, default: str | None = REQUIRED) -> str:
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise missing(name, name)
    return default


def flag(name: str, *, default: bool = False) -> bool:
    value = text(name, "true" if default else "false").lower()
    if value not in TRUE | FALSE:
        raise wrong(name, "true or false", value)
    return value in TRUE


def integer(name: str, default: int, *, least: int = 0, most: int | None = None) -> int:
    value = text(name, str(default))
    expected = f"a whole number from {least}" + ("" if most is None else f" to {most}")
    try:
        number = int(value)
    except ValueError:
        raise wrong(name, expected, value) from None
    if number < least or (most is not None and number > most):
        raise wrong(name, expected, value)
    return number


def choice(name: str, options: Sequence[str], default: str) -> str:
    value = text(name, default)
    if value not in options:
        raise wrong(name, f"one of {', '.join(options)}", value)
    return value


def time_zone(name: str, default: str) -> str:
    value = text(name, default)
    try:
        return ZoneInfo(value).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise wrong(name, "a time zone such as Europe/Berlin", value) from None


def listing(name: str, default: str = "") -> list[str]:
    """Values separated by commas or white space."""
    return text(name, default).replace(",", " ").split()


def servers(name: str, port: int) -> list[tuple[str, int]]:
    """IP addresses as ``192.0.2.53``, ``192.0.2.53:5353`` or ``[2001:db8::53]:5353``, each with its port."""
    found = []
    for written in listing(name):
        try:
            parts = urlsplit(f"//{written}")
            found.append((str(ip_address(parts.hostname or "")), parts.port or port))
        except ValueError:
            raise wrong(name, "IP addresses such as 192.0.2.53 or [2001:db8::53]:5353", written) from None
    return found


def url(name: str, default: str | None = REQUIRED) -> str:
    """An absolute http(s) address without a trailing slash, a query or a password."""
    value = text(name, default)
    expected = "an absolute address such as https://news.example.org"
    try:
        parts = urlsplit(value)
        valid = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    # The value is shown in the error only when it cannot hold a password.
    if "@" in value or not valid:
        raise wrong(name, expected)
    if parts.query or parts.fragment or any(letter.isspace() for letter in value):
        raise wrong(name, expected, value)
    return value.rstrip("/")


def secret(name: str, default: str | None = REQUIRED) -> str:
    """The value of NAME, or the content of the file that NAME_FILE names; never shown in errors."""
    file_name = text(f"{name}_FILE", "")
    if not file_name:
        if default is None and not text(name, ""):
            raise missing(name, f"{name} or {name}_FILE")
        return text(name, default)
    if text(name, ""):
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: keep only one of them.")
    try:
        value = Path(file_name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise wrong(f"{name}_FILE", "the name of a readable text file", file_name) from None
    if not value:
        raise wrong(f"{name}_FILE", "a file that is not empty", file_name)
    return value


def missing(name: str, names: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"{name} is missing: set {names} in the environment, or DEBUG=true for development.")


def wrong(name: str, expected: str, value: str | None = None) -> ImproperlyConfigured:
    """The error for a wrong value; leave the value out if it may be a secret."""
    shown = "" if value is None else f", not {value!r}"
    return ImproperlyConfigured(f"{name} must be {expected}{shown}.")
