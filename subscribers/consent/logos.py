"""Whether a file is a picture that every browser and mail program shows, by its bytes and not by its name."""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

MOST_BYTES: Final = 200 * 1024
MOST_PIXELS: Final = 2000
# Start-of-frame markers of JPEG; the others in this range mean something else.
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


class LogoRefused(ValueError):
    """In words for whoever chose the file."""


class Picture(NamedTuple):
    # As at the end of a file's name.
    kind: str
    width: int
    height: int


def examined(content: bytes) -> Picture:
    """Raises LogoRefused. Drawings in SVG are refused too: they are programs, and mail programs show none."""
    if len(content) > MOST_BYTES:
        raise LogoRefused(_("This file is too large. At most 200 KB, please."))
    try:
        picture = _measured(content)
    except (struct.error, IndexError):
        picture = None
    if picture is None or not (picture.width and picture.height):
        raise LogoRefused(_("This is no picture that every mail program shows. Choose a PNG, JPEG, GIF or WebP."))
    if max(picture.width, picture.height) > MOST_PIXELS:
        raise LogoRefused(_("This picture is too large. At most 2000 pixels in width and height, please."))
    return picture


def _measured(content: bytes) -> Picture | None:
    if content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"):
        return Picture("png", *struct.unpack(">II", content[16:24]))
    if content.startswith((b"GIF87a", b"GIF89a")):
        return Picture("gif", *struct.unpack("<HH", content[6:10]))
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return _webp(content)
    return _jpeg(content) if content.startswith(b"\xff\xd8\xff") else None


def _jpeg(content: bytes) -> Picture | None:
    at = 2
    while content[at] == 0xFF:
        marker = content[at + 1]
        (length,) = struct.unpack(">H", content[at + 2 : at + 4])
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return Picture("jpg", width, height)
        at += 2 + length
    return None


def _webp(content: bytes) -> Picture | None:
    """RFC 9649: lossy, lossless or extended."""
    match content[12:16]:
        case b"VP8 ":
            width, height = struct.unpack("<HH", content[26:30])
            return Picture("webp", width & 0x3FFF, height & 0x3FFF)
        case b"VP8L":
            (bits,) = struct.unpack("<I", content[21:25])
            return Picture("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        case b"VP8X":
            wide, high = content[24:27], content[27:30]
            if len(high) == 3:
                return Picture("webp", int.from_bytes(wide, "little") + 1, int.from_bytes(high, "little") + 1)
    return None
