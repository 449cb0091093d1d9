"""Addresses that stand behind the text of a cell, in a link to write a mail."""

from __future__ import annotations

import re
from typing import IO
from urllib.parse import unquote

from subscribers.transfer.sheets.xml import feed, parser

_MAIL = re.compile(r"\s*mailto:\s*([^?,;\s]+)", re.IGNORECASE)
_FORMULA = re.compile(r'HYPERLINK\(\s*"(mailto:[^"]+)"', re.IGNORECASE)


def address(target: str) -> str:
    """The first one of a ``mailto:`` link; blank for links to elsewhere."""
    found = _MAIL.match(target)
    return unquote(found[1]).strip() if found and "@" in unquote(found[1]) else ""


def address_of_formula(formula: str) -> str:
    found = _FORMULA.search(formula)
    return address(found[1]) if found else ""


def addresses(relationships: IO[bytes]) -> dict[str, str]:
    """By the keys of the relationships of a sheet."""
    found: dict[str, str] = {}

    def start(_name: str, attributes: dict[str, str]) -> None:
        if linked := address(attributes.get("Target", "")):
            found[attributes.get("Id", "")] = linked

    for _ in feed(parser(start), relationships):
        pass
    return found
