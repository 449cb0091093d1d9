"""All colours of a page, made of the two that staff choose, so that each can be read by day and by night."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Final

from .colours import ink_on, lightness_of, readable, shade

# As in static/public/public.css, where those stand that no brand changes.
CARD: Final = "#ffffff"
QUIET: Final = "#59635d"


@dataclass(frozen=True)
class Palette:
    """By the names that static/public/public.css has for them."""

    paper: str
    card: str
    line: str
    tint: str
    # Of buttons; and of the words on them.
    accent: str
    accent_strong: str
    on_accent: str
    # Of links and lines that must be seen.
    link: str
    link_strong: str

    def as_css(self) -> str:
        return "".join(f"--{name.replace('_', '-')}:{colour};" for name, colour in asdict(self).items())


@lru_cache(maxsize=256)
def by_day(accent: str, paper: str) -> Palette:
    """Buttons keep the chosen colour, with black or white on it; links are its nearest shade that can be read."""
    tint = shade(accent, 0.965, most=0.02)
    link = readable(accent, paper, CARD, tint)
    ink = ink_on(accent)
    away = -0.06 if ink == "#ffffff" else 0.06
    return Palette(
        paper=paper,
        card=CARD,
        line=shade(paper, lightness_of(paper) - 0.11, most=0.02),
        tint=tint,
        accent=accent,
        accent_strong=shade(accent, lightness_of(accent) + away),
        on_accent=ink,
        link=link,
        link_strong=shade(link, lightness_of(link) - 0.08),
    )


@lru_cache(maxsize=256)
def by_night(accent: str) -> Palette:
    """Its hue in dark greys; a bright background by night would be none."""
    paper, card, tint = (shade(accent, *each) for each in ((0.195, 0.01), (0.24, 0.012), (0.3, 0.035)))
    link = readable(shade(accent, max(lightness_of(accent), 0.8)), paper, card, tint)
    stronger = shade(link, lightness_of(link) + 0.06)
    return Palette(
        paper=paper,
        card=card,
        line=shade(accent, 0.37, most=0.015),
        tint=tint,
        accent=link,
        accent_strong=stronger,
        on_accent=readable(shade(accent, 0.22, most=0.05), link, stronger),
        link=link,
        link_strong=stronger,
    )


def legible(paper: str) -> str:
    """The paper itself, or its nearest shade on which quiet words can be read."""
    return readable(paper, QUIET)


def stylesheet(accent: str, paper: str) -> str:
    day, night = by_day(accent, paper).as_css(), by_night(accent).as_css()
    return f":root{{{day}}}@media (prefers-color-scheme:dark){{:root{{{night}}}}}\n"
