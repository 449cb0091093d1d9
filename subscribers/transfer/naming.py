"""Which column holds what, as somebody wrote it who has no form for that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from subscribers.models import Attribute
from subscribers.models.attribute import PLAIN_NAME
from subscribers.transfer import headings
from subscribers.transfer.mapping import FIELDS, RESERVED, letter


class Misnamed(ValueError):
    """The words say what, for whoever wrote it."""


@dataclass
class Named:
    """What an import keeps as its `mapping` and `attributes`."""

    mapping: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)


def named(pairs: Iterable[str], columns: Sequence[str]) -> Named:
    """From ``email=E-mail``, ``attribute:company=Firma`` or ``attribute:age:number=C``. Raises Misnamed."""
    found = Named()
    for pair in pairs:
        target, is_pair, heading = pair.partition("=")
        if not is_pair:
            raise Misnamed(_("“%(pair)s” is not a target, an equals sign and a heading.") % {"pair": pair})
        found.mapping[str(_column(heading, columns))] = _target(target, found.attributes)
    return found


def _column(heading: str, columns: Sequence[str]) -> int:
    spelt = [headings.plain(column) for column in columns]
    letters = [letter(at) for at in range(len(columns))]
    for wanted, present in ((heading, list(columns)), (headings.plain(heading), spelt), (heading.upper(), letters)):
        if wanted and wanted in present:
            return present.index(wanted)
    words = {"heading": heading, "columns": ", ".join(columns)}
    raise Misnamed(_("There is no column “%(heading)s”, only: %(columns)s.") % words)


def _target(target: str, described: dict[str, dict[str, Any]]) -> str:
    if target in FIELDS:
        return target
    kind, _colon, rest = target.partition(":")
    name, _colon, of_kind = rest.casefold().partition(":")
    of_kind = of_kind or Attribute.Kind.TEXT
    is_name = re.fullmatch(PLAIN_NAME, name) and name not in RESERVED
    # A choice has texts to choose from, which nobody can write here.
    kinds = [each.value for each in Attribute.Kind if each != Attribute.Kind.CHOICE]
    if kind != headings.ATTRIBUTE or not is_name or of_kind not in kinds:
        words = {"target": target, "targets": ", ".join([*FIELDS, "attribute:NAME", "attribute:NAME:KIND"])}
        raise Misnamed(_("“%(target)s” is none of: %(targets)s.") % words)
    if not Attribute.objects.filter(name=name).exists():
        described[name] = {"kind": of_kind, "label": "", "choices": []}
    return f"{kind}:{name}"
