"""Secrets that sign and blind: how they are written, and how development gets its own."""

import hashlib
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from config import env

KEY = re.compile(r"(?P<id>[a-z0-9]{1,8}):(?P<secret>\S{32,})")
SHORTEST_SECRET_KEY = 50


def secret_key(*, debug: bool, folder: Path) -> str:
    value = env.secret("SECRET_KEY", development_secret(folder) if debug else env.REQUIRED)
    if len(value) < SHORTEST_SECRET_KEY:
        raise env.wrong("SECRET_KEY", f"at least {SHORTEST_SECRET_KEY} characters long")
    return value


def key_ring(name: str, default: str | None) -> list[tuple[str, bytes]]:
    """The keys of a variable such as `b:secret,a:secret`, newest first."""
    expected = "id:secret pairs separated by commas, each id 1-8 of a-z and 0-9, each secret 32 characters or more"
    matches = [KEY.fullmatch(item.strip()) for item in env.secret(name, default).split(",")]
    keys = [(match["id"], match["secret"].encode()) for match in matches if match]
    if len(keys) != len(matches):
        raise env.wrong(name, expected)
    if len({key_id for key_id, _ in keys}) != len(keys):
        raise env.wrong(name, "a list of keys with different ids")
    return keys


def single_key(name: str, default: str | None) -> tuple[str, bytes]:
    keys = key_ring(name, default)
    if len(keys) != 1:
        raise env.wrong(name, "one key, written id:secret")
    return keys[0]


def derived_key(secret: str, purpose: str) -> str:
    """A key for development, so that nobody has to invent three secrets to try Broadsheet."""
    return "dev:" + hashlib.sha256(f"{purpose}:{secret}".encode()).hexdigest()


def development_secret(folder: Path) -> str:
    """A random secret that stays the same between starts, kept in a file only its owner may read."""
    file = folder / "development-secret"
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"development-secret.{os.getpid()}"
    if not file.exists():
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
        # Linking fails if another process was faster, and never shows a half-written secret.
        with suppress(FileExistsError):
            os.link(draft, file)
        draft.unlink()
    return file.read_text(encoding="ascii")
