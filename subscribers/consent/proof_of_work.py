"""ALTCHA's proof of work (its first protocol): a browser looks for the number whose hash was asked for.

Our own thirty lines, since nothing is trusted of what comes back, and each solution counts once.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import parse_qs

from django.conf import settings
from django.utils import timezone

from .throttles import Limit

ALGORITHM: Final = "SHA-256"
# A tenth of a second on a laptop, a second on an old telephone.
MOST: Final = 60_000
VALID_FOR: Final = timedelta(hours=1)
LONGEST: Final = 2_000
ONCE: Final = Limit("proof-of-work", 1, VALID_FOR + timedelta(minutes=1))
PURPOSE: Final = b"proof-of-work:"


@dataclass(frozen=True)
class Challenge:
    """As the protocol calls them."""

    algorithm: str
    challenge: str
    maxNumber: int  # noqa: N815
    salt: str
    signature: str

    def as_json(self) -> str:
        return json.dumps(asdict(self))


def set_challenge() -> Challenge:
    expires = timezone.now() + VALID_FOR
    salt = f"{secrets.token_hex(12)}?expires={int(expires.timestamp())}&"
    challenge = _hash(salt, secrets.randbelow(MOST + 1))
    return Challenge(ALGORITHM, challenge, MOST, salt, _signature(settings.SIGNING_KEYS[0][1], challenge))


def is_solved(text: str) -> bool:
    """By base64 of JSON, as the protocol has it. What is right is used up by asking."""
    found = _read(text)
    if not found:
        return False
    salt, number, challenge, signature = found
    is_right = (
        hmac.compare_digest(_hash(salt, number), challenge)
        and any(hmac.compare_digest(_signature(key, challenge), signature) for _name, key in settings.SIGNING_KEYS)
        and not _has_expired(salt)
    )
    return is_right and ONCE.allows(challenge)


def _read(text: str) -> tuple[str, int, str, str] | None:
    if len(text) > LONGEST:
        return None
    try:
        told: Any = json.loads(base64.b64decode(text, validate=True))
        salt, number, challenge, signature = (told[name] for name in ("salt", "number", "challenge", "signature"))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    are_plain = all(isinstance(each, str) and each.isascii() for each in (salt, challenge, signature))
    is_ours = told.get("algorithm") == ALGORITHM and type(number) is int and 0 <= number <= MOST
    return (salt, number, challenge, signature) if are_plain and is_ours else None


def _has_expired(salt: str) -> bool:
    """Of a salt of ours, so it says when."""
    return int(parse_qs(salt.partition("?")[2])["expires"][0]) < timezone.now().timestamp()


def _hash(salt: str, number: int) -> str:
    return sha256(f"{salt}{number}".encode()).hexdigest()


def _signature(key: bytes, challenge: str) -> str:
    return hmac.digest(key, PURPOSE + challenge.encode(), "sha256").hex()
