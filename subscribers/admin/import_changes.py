"""What an import would change of some people, with the words that differ marked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from subscribers.models import Attribute, Import, Subscriber

_WORD = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True)
class Part:
    """Some words, and whether they stand on one side only."""

    text: str
    differs: bool


@dataclass(frozen=True)
class Change:
    label: str
    before: list[Part]
    after: list[Part]


@dataclass(frozen=True)
class Person:
    row: int
    email: str
    changes: list[Change]


def people(checked: Import) -> list[Person]:
    """Those that its dry run has kept."""
    labels = {name: facts.get("label") or name for name, facts in checked.attributes.items()}
    labels |= {each.name: str(each) for each in Attribute.objects.all()}
    return [
        Person(row, email, [_change(_label(name, labels), *pair) for name, pair in fields.items()])
        for row, email, fields in checked.sample
    ]


def _label(name: str, attributes: Mapping[str, str]) -> str:
    _kind, is_attribute, attribute = name.partition(":")
    if is_attribute:
        return attributes.get(attribute, attribute)
    return capfirst(str(getattr(Subscriber._meta.get_field(name), "verbose_name", name)))


def _change(label: str, before: Any, after: Any) -> Change:
    old, new = _WORD.findall(_shown(before)), _WORD.findall(_shown(after))
    befores, afters = [], []
    for tag, *places in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        start, end, new_start, new_end = map(int, places)
        befores.append(Part("".join(old[start:end]), tag != "equal"))
        afters.append(Part("".join(new[new_start:new_end]), tag != "equal"))
    return Change(label, [part for part in befores if part.text], [part for part in afters if part.text])


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
