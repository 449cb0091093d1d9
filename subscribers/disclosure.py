"""Everything that is held about one address, for the person to read and for other programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from subscribers.privacy.holdings import Holding, People, registered


@dataclass(frozen=True)
class Section:
    holding: Holding
    rows: list[dict[str, Any]]

    @property
    def title(self) -> str:
        return str(self.holding.title)

    @property
    def readable(self) -> list[list[tuple[str, str]]]:
        """For each row, what is not blank, by its name in words."""
        return [
            [(self.holding.label(name), text) for name, value in row.items() if (text := _words(value))]
            for row in self.rows
        ]


@dataclass(frozen=True)
class Disclosure:
    address: str
    at: datetime
    sections: list[Section]

    @property
    def is_known(self) -> bool:
        return any(section.rows for section in self.sections)

    def as_json(self) -> str:
        told = {section.holding.name: section.rows for section in self.sections}
        document = {"address": self.address, "told_at": self.at, **told}
        return json.dumps(document, cls=Plain, ensure_ascii=False, indent=2)

    def as_html(self) -> str:
        """A page that needs nothing else."""
        return render_to_string("admin/subscribers/privacy/document.html", {"disclosure": self})


class Plain(DjangoJSONEncoder):
    def default(self, o: Any) -> Any:
        try:
            return super().default(o)
        except TypeError:
            return str(o)


def disclose(address: str) -> Disclosure:
    """Of a normalised address."""
    people = People.of([address])
    sections = [Section(holding, [dict(row) for row in holding.tell(people)]) for holding in registered()]
    return Disclosure(address, timezone.now(), sections)


def _words(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {text}" for name, each in value.items() if (text := _words(each)))
    if isinstance(value, list | tuple):
        return ", ".join(text for each in value if (text := _words(each)))
    return str(value)
