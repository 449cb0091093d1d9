"""INCOMING_MAIL: the mailbox to which bounces, complaints and wishes to leave come."""

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from config import env

EXPECTED = "imaps://user:password@host:port/folder?timeout=30, or imap:// with tls=starttls|none"
# By scheme, how it may be protected, the usual way first.
TLS = {"imaps": ("ssl",), "imap": ("starttls", "none")}
PORTS = {"ssl": 993, "starttls": 143, "none": 143}


def incoming_mail() -> dict[str, Any] | None:
    """None if nobody reads a mailbox."""
    written = env.secret("INCOMING_MAIL", "")
    if not written:
        return None
    try:
        return _options(written)
    except (ValueError, KeyError):
        # Without the value, which holds a password.
        raise env.wrong("INCOMING_MAIL", EXPECTED) from None


def _options(written: str) -> dict[str, Any]:
    """ValueError or KeyError if the address is wrong."""
    parts = urlsplit(written)
    query = {name: values[-1] for name, values in parse_qs(parts.query, strict_parsing=bool(parts.query)).items()}
    usual, *others = TLS[parts.scheme]
    tls = query.get("tls", usual)
    timeout = int(query.get("timeout", "30"))
    folder = unquote(parts.path.strip("/")) or "INBOX"
    is_complete = bool(parts.hostname and parts.username and parts.password)
    if query.keys() - {"tls", "timeout"} or tls not in (usual, *others) or timeout < 1 or not is_complete:
        raise ValueError
    # IMAP spells other letters in a way of its own (RFC 3501 §5.1.3), which whoever needs it can write.
    if not folder.isascii() or not folder.isprintable():
        raise ValueError
    return {
        "host": parts.hostname,
        "port": parts.port or PORTS[tls],
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "folder": folder,
        "tls": tls,
        "timeout": timeout,
    }
