"""Addresses and rows that somebody pasted instead of uploading a file."""

from __future__ import annotations

import re

from django.core.files.base import ContentFile

_BETWEEN = re.compile(r"[,;\n]")


def as_file(text: str) -> ContentFile[bytes]:
    """Copied cells stand as they are; the line of a mail's recipients becomes one row for each."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    parts = [part.strip() for part in _BETWEEN.split(text) if part.strip()]
    if parts and all(part.count("@") == 1 for part in parts):
        text = "\n".join(parts)
    return ContentFile(text.encode())
