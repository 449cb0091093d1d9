"""A mail in a frame of the admin: shown as a mail program shows it, and as powerless as there."""

from __future__ import annotations

import re
from typing import Literal

from django.http import HttpResponse

Scheme = Literal["light", "dark"]

# Pictures and styles, no scripts, no forms.
POLICY = (
    "default-src 'none'; img-src https: http: data:; "
    "style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
# Links open in a window of their own, or nowhere.
OPENING = "sandbox allow-popups allow-popups-to-escape-sandbox"
INERT = "sandbox"
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_PREFERENCE = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)


def framed(html: str, scheme: Scheme | None = None, *, is_inert: bool = False) -> HttpResponse:
    """With a scheme, the mail behaves as on a device that is set to it, whatever this one is set to."""
    added = '<base target="_blank">'
    if scheme:
        html = _PREFERENCE.sub(lambda match: "(min-width: 0)" if match[1].lower() == scheme else "(max-width: 0)", html)
        added += f"<style>:root {{ color-scheme: {scheme} !important; }}</style>"
    head = _HEAD.search(html)
    place = head.end() if head else 0
    response = HttpResponse(html[:place] + added + html[place:])
    response.headers["Content-Security-Policy"] = f"{INERT if is_inert else OPENING}; {POLICY}"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cache-Control"] = "no-store"
    return response
