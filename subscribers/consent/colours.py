"""Colours that can be read: their contrast as WCAG 2.2 counts it, and the nearest shade that has enough."""

from __future__ import annotations

from math import atan2, cos, hypot, sin
from typing import Final

# For text; WCAG 2.2, criterion 1.4.3.
ENOUGH: Final = 4.5
_STEP: Final = 0.004
Triple = tuple[float, float, float]


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def can_be_read(colour: str, *grounds: str) -> bool:
    return all(contrast(colour, ground) >= ENOUGH for ground in grounds)


def readable(colour: str, *grounds: str) -> str:
    """The colour itself or its nearest shade with enough contrast to each of the grounds, else black or white."""
    lightness, _chroma, _hue = _lch(colour)
    for step in range(int(1 / _STEP) + 1):
        for candidate in (lightness - step * _STEP, lightness + step * _STEP):
            found = shade(colour, candidate) if step else colour
            if 0 <= candidate <= 1 and can_be_read(found, *grounds):
                return found
    return max("#000000", "#ffffff", key=lambda each: min(contrast(each, ground) for ground in grounds))


def ink_on(colour: str) -> str:
    """White where it can be read, else black, which then can."""
    return "#ffffff" if contrast("#ffffff", colour) >= ENOUGH else "#000000"


def lightness_of(colour: str) -> float:
    """From 0 for black to 1 for white, even to the eye."""
    return _lch(colour)[0]


def shade(colour: str, lightness: float, most: float = 1.0) -> str:
    """The same hue, lighter or darker, and no more colourful than ``most`` (OKLCH chroma; vivid ones have 0.2)."""
    _lightness, chroma, hue = _lch(colour)
    lightness, chroma = min(max(lightness, 0.0), 1.0), min(chroma, most)
    # What no screen can show loses colour until one can.
    while not _is_shown(light := _linear(lightness, chroma, hue)) and chroma > 0.001:
        chroma *= 0.95
    return "#" + "".join(f"{_octet(each):02x}" for each in light)


def _luminance(colour: str) -> float:
    red, green, blue = _light(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _light(colour: str) -> Triple:
    """How much light of each primary, from 0 to 1."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in shares)
    return red, green, blue


def _octet(light: float) -> int:
    light = min(max(light, 0.0), 1.0)
    return round(255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055))


def _is_shown(light: Triple) -> bool:
    return all(-0.0005 <= each <= 1.0005 for each in light)


def _lch(colour: str) -> Triple:
    """Lightness, chroma and hue in OKLCH (CSS Color 4), where steps of lightness look alike in each hue."""
    red, green, blue = _light(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, hypot(a, b), atan2(b, a)


def _linear(lightness: float, chroma: float, hue: float) -> Triple:
    a, b = chroma * cos(hue), chroma * sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
