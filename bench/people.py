"""The readers as plain values, which is what whoever sends without us knows of them."""

from __future__ import annotations

from dataclasses import asdict

from bench import scenery
from subscribers.models import Subscriber


def readers(most: int | None = None) -> list[dict[str, str]]:
    columns = ("pk", "email", "first_name", "last_name", "attributes")
    return [{**row, **row.pop("attributes")} for row in Subscriber.objects.order_by("pk").values(*columns)[:most]]


def letter(most: int) -> dict[str, object]:
    """Everything that a peer has to send."""
    return {"newsletter": asdict(scenery.plain_newsletter()), "readers": readers(most)}
