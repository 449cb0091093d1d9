"""The layouts that come with Broadsheet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db.models import Manager

FOLDER = Path(__file__).parent / "layouts"
NAMES = {"bulletin": "Bulletin", "letter": "Letter"}


def shipped_html(label: str) -> str:
    return (FOLDER / f"{label}.html").read_text(encoding="utf-8")


def install(layouts: Manager[Any]) -> None:
    """Add those that are missing; what staff made of the others is theirs."""
    for label, name in NAMES.items():
        layouts.get_or_create(label=label, defaults={"name": name, "html": shipped_html(label)})
