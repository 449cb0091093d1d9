"""Signed references: short lower-case tokens that name one row for one purpose.

A token is the row's number, followed by a keyed BLAKE2b (RFC 7693) of it that is personalised by purpose, each
of its 26 octets as one of 32 letters: 130 bits. It fits a VERP local part (RFC 5321: 64 octets) and survives mail
systems that change letter case. Tokens never expire; the newest key signs, every key verifies.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b

from django.conf import settings

_LETTERS = b"abcdefghijklmnopqrstuvwxyz234567"
_SPELLED = bytes(_LETTERS[octet % 32] for octet in range(256))
_HEXADECIMAL = b"0123456789abcdef"
_DIGITS = bytes.maketrans(_HEXADECIMAL, _LETTERS[:16])
_NUMBER = bytes.maketrans(_LETTERS[:16], _HEXADECIMAL)
_MAC_LETTERS = 26
_LONGEST_NUMBER = 16
_OLD_MAC_BYTES = 16


class Purpose(StrEnum):
    """One salt each, so that a token for one purpose never opens another."""

    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"
    CONFIRM = "confirm"
    WEB_VIEW = "web-view"
    CLICK = "click"
    BOUNCE = "bounce"
    # Of a person instead of a mail: what the typed address gets.
    SELF = "self"


class BadToken(ValueError):
    """Tampered, truncated, or made for another purpose. Deliberately says no more."""


class Signer:
    """Signs any number of spelled numbers for one purpose."""

    def __init__(self, purpose: Purpose, key: bytes | None = None) -> None:
        secret = blake2b(settings.SIGNING_KEYS[0][1] if key is None else key).digest()
        # Each token continues from here, which saves half of its cost.
        self.begun = blake2b(key=secret, person=purpose.encode(), digest_size=_MAC_LETTERS)

    def sign(self, written: bytes) -> bytes:
        mac = self.begun.copy()
        mac.update(written)
        return written + mac.digest().translate(_SPELLED)


def spelled(number: int) -> bytes:
    """As it stands in a token."""
    return (b"%x" % number).translate(_DIGITS)


def sign(purpose: Purpose, number: int) -> str:
    """At most 42 characters of ``[a-z2-7]``, and at most 30 for numbers below 2**16."""
    return _signer(purpose, settings.SIGNING_KEYS[0][1]).sign(spelled(number)).decode()


def read(purpose: Purpose, token: str) -> int:
    """The number that ``sign`` was given. Raises BadToken."""
    if not token.isascii():
        raise BadToken
    written = token.lower().encode()
    # Every key and spelling is tried even after a match, so that timing does not tell which one signed.
    found = [number for number, good in _candidates(purpose, written) if hmac.compare_digest(good, written)]
    if not found:
        raise BadToken
    return found[0]


def _candidates(purpose: Purpose, token: bytes) -> Iterator[tuple[int, bytes]]:
    """The numbers that a token may name, each with the only token that would prove it."""
    number, old_number = _number(token), _old_number(token)
    for _name, key in settings.SIGNING_KEYS:
        if number is not None:
            yield number, _signer(purpose, key).sign(spelled(number))
        if old_number is not None:
            yield old_number, _old_token(key, purpose, old_number)


def _number(token: bytes) -> int | None:
    digits = token[:-_MAC_LETTERS].translate(_NUMBER)
    try:
        return int(digits, 16) if 1 <= len(digits) <= _LONGEST_NUMBER else None
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _signer(purpose: Purpose, key: bytes) -> Signer:
    return Signer(purpose, key)


def _old_number(token: bytes) -> int | None:
    """Tokens of the first kind were base32 of the number's octets and an HMAC-SHA-256; they are in old mails."""
    try:
        payload = base64.b32decode(token.upper() + b"=" * (-len(token) % 8))[:-_OLD_MAC_BYTES]
    except binascii.Error:
        return None
    return int.from_bytes(payload, "big") if 1 <= len(payload) <= 8 else None


def _old_token(key: bytes, purpose: Purpose, number: int) -> bytes:
    payload = number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")
    mac = hmac.digest(key, purpose.encode() + b":" + payload, "sha256")[:_OLD_MAC_BYTES]
    return base64.b32encode(payload + mac).rstrip(b"=").lower()
