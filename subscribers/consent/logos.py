"""Logos as pages show them: whatever picture is uploaded becomes a small still one that every mail program knows."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Final, NamedTuple

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

MOST_BYTES: Final = 2 * 1024 * 1024
MOST_PIXELS: Final = 3000
# A page for readers weighs 50 KB at most, and this is the rest of it.
MOST_KEPT: Final = 24 * 1024
# As public.css shows it, and how much finer it is kept for sharp screens, if it can be.
SHOWN: Final = (320, 80)
FINENESS: Final = (2, 1.5, 1, 0.75)
# Drawings in SVG are programs, and mail programs show none.
READ: Final = ("PNG", "JPEG", "GIF", "WEBP")
# What decoders raise about files that are cut off or made up.
BROKEN: Final = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError)


class LogoRefused(Exception):
    """In words for whoever chose the file."""


class Logo(NamedTuple):
    content: bytes
    # As at the end of a file's name: png or jpg.
    kind: str


def fitted(content: bytes) -> Logo:
    """Of at most MOST_KEPT bytes, with nothing in it but the picture. Raises LogoRefused."""
    if len(content) > MOST_BYTES:
        raise LogoRefused(_("This file is too large. At most 2 MB, please."))
    try:
        return _lightest(_still(content))
    except BROKEN as error:
        words = _("This is no picture that every mail program shows. Choose a PNG, JPEG, GIF or WebP.")
        raise LogoRefused(words) from error


def media_type(content: bytes) -> str:
    """Of a logo that was made here."""
    return "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"


def _still(content: bytes) -> Image.Image:
    """The first of its frames, the right way up, in RGBA if anything shines through it and in RGB otherwise."""
    with Image.open(BytesIO(content), formats=READ) as file:
        if max(file.size) > MOST_PIXELS:
            raise LogoRefused(_("This picture is too large. At most 3000 pixels in width and height, please."))
        upright = ImageOps.exif_transpose(file)
    if upright.mode.startswith("I"):
        # Greys of sixteen bits; a plain conversion makes all but the darkest white.
        upright = upright.point(lambda grey: grey / 256).convert("L")
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    transparent = upright.convert("RGBA")
    return transparent if transparent.getchannel("A").getextrema() != (255, 255) else transparent.convert("RGB")


def _lightest(picture: Image.Image) -> Logo:
    """As fine as fits; of the smallest, a byte for each point and a palette always do."""
    for fineness in FINENESS:
        smaller = picture.copy()
        smaller.thumbnail((int(SHOWN[0] * fineness), int(SHOWN[1] * fineness)), Image.Resampling.LANCZOS)
        for logo in _written(smaller):
            if len(logo.content) <= MOST_KEPT:
                return logo
    raise AssertionError(picture.size)


def _written(picture: Image.Image) -> Iterator[Logo]:
    """The best first."""
    yield Logo(_saved(picture, "PNG", optimize=True), "png")
    if picture.mode == "RGB":
        for quality in (90, 75):
            yield Logo(_saved(picture, "JPEG", quality=quality, optimize=True, progressive=True), "jpg")
    yield Logo(_saved(picture.quantize(256, Image.Quantize.FASTOCTREE), "PNG", optimize=True), "png")


def _saved(picture: Image.Image, form: str, **options: int) -> bytes:
    file = BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()
