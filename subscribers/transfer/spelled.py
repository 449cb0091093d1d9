"""What a block says of people, as the database writes it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from json.encoder import encode_basestring as quoted
from typing import Any

from subscribers.transfer.blocks import Block
from subscribers.transfer.values import Value


def detail(block: Block, name: str) -> Sequence[str]:
    return block.details.get(name) or [""] * len(block)


# Raises TypeError for what is no text.
_text: Callable[[Any], str] = quoted


def attributes(block: Block) -> list[str]:
    """JSON of each; `json.dumps` of a dictionary takes five times as long."""
    names = [quoted(name) for name in block.attributes]
    columns = list(block.attributes.values())
    if not columns:
        return ["{}"] * len(block)
    try:
        spelt = [list(map(_text, column)) for column in columns]
    except TypeError:
        # Somebody has no value, or one that is no text.
        pairs = ((name, [_value(value) for value in column]) for name, column in zip(names, columns, strict=True))
        pieces = [[f"{name}:{value}" if value else "" for value in values] for name, values in pairs]
        return [f"{{{','.join(filter(None, row))}}}" for row in zip(*pieces, strict=True)]
    template = ",".join(name.replace("%", "%%") + ":%s" for name in names)
    return list(map(f"{{{template}}}".__mod__, zip(*spelt, strict=True)))


def _value(value: Value | None) -> str:
    return "" if value is None else quoted(value) if isinstance(value, str) else json.dumps(value)
