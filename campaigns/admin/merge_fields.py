"""What authors may insert that differs from reader to reader."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.composition.placeholders import FIELDS, known_attributes

# The fields whose lack would be seen, and what stands there instead.
FALLBACKS: dict[str, Promise] = {"first_name": _("friend"), "name": _("friend")}


@dataclass(frozen=True)
class MergeField:
    name: str
    label: str
    fallback: str | Promise = ""

    def as_option(self) -> dict[str, str]:
        """For the editor; the fallback is in the language that is active."""
        return {"name": self.name, "label": self.label, "fallback": str(self.fallback)}


_found: WeakKeyDictionary[HttpRequest, list[MergeField]] = WeakKeyDictionary()


def merge_fields(request: HttpRequest) -> list[MergeField]:
    """Found once for each page, which asks several times."""
    if request not in _found:
        _found[request] = found_merge_fields()
    return _found[request]


def found_merge_fields() -> list[MergeField]:
    registered = [MergeField(name, str(field.meaning), FALLBACKS.get(name, "")) for name, field in FIELDS.items()]
    attributes = [MergeField(name, label) for name, label in known_attributes().items() if name not in FIELDS]
    return registered + attributes
