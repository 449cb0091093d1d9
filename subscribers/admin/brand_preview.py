"""Public pages in the colours that somebody is just choosing, in a frame beside the form."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from subscribers.consent import logos, palette
from subscribers.consent.brands import Look
from subscribers.consent.colours import ENOUGH, contrast
from subscribers.consent.pages import current_language, supported
from subscribers.models import Brand

# No scripts, and nothing can be sent; what is being chosen comes within the page.
POLICY: Final = (
    "default-src 'none'; style-src 'self' data:; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
PAGES: Final = {
    "specimen": gettext_lazy("One of everything"),
    "unsubscribe": gettext_lazy("Before leaving"),
    "left": gettext_lazy("After leaving"),
}
_PREFERENCE: Final = re.compile(r"\(prefers-color-scheme:\s*(light|dark)\)")


@dataclass(frozen=True)
class Draft(Look):
    """Of a brand that is not saved: its stylesheet and its logo have no address yet."""

    scheme: str = "light"
    chosen_logo: bytes = b""

    @property
    def stylesheet(self) -> str:
        """With all styles of the page, so that it looks as on a device that is set to the scheme."""
        styles = shared_styles() + self.css
        forced = _PREFERENCE.sub(lambda found: "all" if found[1] == self.scheme else "not all", styles)
        return as_data("text/css", f"{forced}html{{color-scheme:only {self.scheme}}}".encode())

    @property
    def logo(self) -> str:
        if self.chosen_logo:
            return as_data(logos.media_type(self.chosen_logo), self.chosen_logo)
        return super().logo


@dataclass(frozen=True)
class Choice:
    """Of what is shown: which page, in which language, by day or by night."""

    page: str
    language: str
    scheme: str

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Choice:
        page = said.get("page", "")
        return cls(
            page=page if page in PAGES else next(iter(PAGES)),
            language=supported(said.get("language", "")) or current_language(),
            scheme="dark" if said.get("scheme") == "dark" else "light",
        )


def framed(brand: Brand, choice: Choice, *, notes: Iterable[str] = (), logo: bytes = b"") -> HttpResponse:
    """The notes come within the page's head, for the form beside it to show them."""
    metas = format_html_join("", '<meta name="note" content="{}">', ((note,) for note in notes))
    with override(choice.language):
        look = Draft(brand, choice.language, choice.scheme, logo)
        html = render_to_string(f"public/{choice.page}.html", sample() | {"brand": look})
    response = HttpResponse(html.replace("</head>", f"{metas}</head>", 1))
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cache-Control"] = "no-store"
    return response


def sample() -> dict[str, Any]:
    """What the pages ask for, of a reader who is nobody."""
    return {
        "names": [_("Monthly news")],
        "letter": {"subscriber": True, "masked_address": "a…@example.org"},
        "left": True,
    }


def remarks(brand: Brand) -> list[str]:
    """What became of one that cannot be read everywhere."""
    day = palette.by_day(brand.accent, brand.paper)
    if day.link == brand.accent:
        return []
    words = _(
        "Buttons have your colour %(colour)s. Links have %(link)s, its nearest shade that can be read: "
        "your own has a contrast of %(ratio)s to 1 on the page, and %(enough)s is needed."
    )
    ratio = min(contrast(brand.accent, ground) for ground in (day.paper, day.card, day.tint))
    return [words % {"colour": brand.accent, "link": day.link, "ratio": f"{ratio:.1f}", "enough": ENOUGH}]


def shared_styles() -> str:
    found = finders.find("public/public.css")
    return Path(found).read_text(encoding="utf-8") if found else ""


def as_data(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
