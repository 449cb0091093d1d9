"""Tells whoever fills in a form within a second or two, which only machines do, from people."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.core import signing

SOONEST: Final = timedelta(seconds=2)
LATEST: Final = timedelta(days=1)


def set_trap() -> str:
    """For a hidden input: when the page was shown, signed."""
    return _signer().sign("")


def is_caught(text: str) -> bool:
    """Too quick to be a person, too old, or not from us."""
    try:
        _signer().unsign(text, max_age=LATEST)
    except signing.BadSignature:
        return True
    try:
        _signer().unsign(text, max_age=SOONEST)
    except signing.SignatureExpired:
        return False
    return True


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="subscribers.time-trap")
