"""What a block says of people, as the database is told it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from json.encoder import encode_basestring as quoted
from typing import Final

from subscribers import addresses
from subscribers.transfer.blocks import Block
from subscribers.transfer.values import Value

DETAILS: Final = ("first_name", "last_name", "language", "time_zone")
# Of one line, with a tab between two of them.
FIELDS: Final = ("email", "fingerprint", *DETAILS, "attributes")


def spelled(block: Block) -> Block:
    """The same people with their fingerprints and lines."""
    fingerprints = list(map(addresses.fingerprints(), block.emails))
    columns = [block.emails, fingerprints, *(_detail(block, name) for name in DETAILS), attributes(block)]
    # No cell of a block holds what does not print, so that nothing else has to be escaped.
    columns = [[text.replace("\\", r"\\") for text in each] if "\\" in "".join(each) else each for each in columns]
    return replace(block, fingerprints=fingerprints, lines=list(map("\t".join, zip(*columns, strict=True))))


def _detail(block: Block, name: str) -> Sequence[str]:
    return block.details.get(name) or [""] * len(block)


def attributes(block: Block) -> list[str]:
    """JSON of each; `json.dumps` of a dictionary takes five times as long."""
    names = [quoted(name) for name in block.attributes]
    columns = list(block.attributes.values())
    if not columns:
        return ["{}"] * len(block)
    texts = [_quoted(column) for column in columns]
    if all(texts):
        template = ",".join(name.replace("%", "%%") + ':"%s"' for name in names)
        return list(map(f"{{{template}}}".__mod__, zip(*texts, strict=True)))
    # Somebody has no value, or one that is no text.
    pairs = ((name, [_value(value) for value in column]) for name, column in zip(names, columns, strict=True))
    pieces = [[f"{name}:{value}" if value else "" for value in values] for name, values in pairs]
    return [f"{{{','.join(filter(None, row))}}}" for row in zip(*pieces, strict=True)]


def _quoted(column: Sequence[Value | None]) -> list[str]:
    """As it stands between the quotes, all at once; nothing if that cannot be."""
    try:
        text = "\n".join(column)  # type: ignore[arg-type]
    except TypeError:
        return []
    if "\\" in text:
        return [quoted(each)[1:-1] for each in column if isinstance(each, str)]
    return quoted(text)[1:-1].split(r"\n")


def _value(value: Value | None) -> str:
    return "" if value is None else quoted(value) if isinstance(value, str) else json.dumps(value)
