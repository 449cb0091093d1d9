"""Signed references: short lower-case tokens that name one row for one purpose.

A token is base32 of the row's number followed by a 128-bit HMAC-SHA-256 over purpose and number
(RFC 2104 §5 allows truncation to half). It fits a VERP local part (RFC 5321: 64 octets) and survives
mail systems that change letter case. Tokens never expire; the newest key signs, every key verifies.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from enum import StrEnum

from django.conf import settings

_MAC_BYTES = 16
_LONGEST_NUMBER = 8


class Purpose(StrEnum):
    """One salt each, so that a token for one purpose never opens another."""

    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"
    CONFIRM = "confirm"
    WEB_VIEW = "web-view"
    BOUNCE = "bounce"


class BadToken(ValueError):
    """Tampered, truncated, or made for another purpose. Deliberately says no more."""


def sign(purpose: Purpose, number: int) -> str:
    """At most 39 characters of ``[a-z2-7]``, and at most 30 for numbers below 2**16."""
    payload = number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")
    return _encode(payload + _mac(settings.SIGNING_KEYS[0][1], purpose, payload))


def read(purpose: Purpose, token: str) -> int:
    """The number that ``sign`` was given. Raises BadToken."""
    try:
        raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError) as error:
        raise BadToken from error
    if _encode(raw) != token.lower():
        # Base32 leaves spare bits at the end: one reference has one spelling only.
        raise BadToken
    payload, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    if not 1 <= len(payload) <= _LONGEST_NUMBER:
        raise BadToken
    # Every key is tried even after a match, so that timing does not tell which one signed.
    matches = [hmac.compare_digest(mac, _mac(key, purpose, payload)) for _, key in settings.SIGNING_KEYS]
    if not any(matches):
        raise BadToken
    return int.from_bytes(payload, "big")


def _encode(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()


def _mac(key: bytes, purpose: Purpose, payload: bytes) -> bytes:
    return hmac.digest(key, purpose.encode() + b":" + payload, "sha256")[:_MAC_BYTES]
