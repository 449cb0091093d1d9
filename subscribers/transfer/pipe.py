"""How rows come out of the guarded child process: cheap to write, cheap to read, and nothing but text.

A frame is a line of JSON, ``{"rows": [[first number, how many], …], "size": bytes}``, and behind it the rows
as UTF-8 between separators that no cell can hold. Everything else the child says is a line of JSON alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import IO, Any, Final, NamedTuple

CELL_END: Final = "\x1f"
ROW_END: Final = "\x1e"
# Taken out of every cell: the separators, and what neither a database nor a mail can hold.
UNCARRIED: Final = dict.fromkeys(map(ord, ("\x00", "\x1d", ROW_END, CELL_END)))
ROWS_IN_A_FRAME: Final = 2_000
# So many rows at a time stay within the processor's cache: a third faster than a frame at once.
ROWS_AT_A_TIME: Final = 250
_LARGEST_FRAME: Final = 1_000_000
# What the parent takes from a child that may have been taken over by the file it reads.
_LONGEST_LINE: Final = 1_000_000
_MOST_BYTES: Final = 16_000_000


class Row(NamedTuple):
    number: int
    """As the spreadsheet program numbers it."""
    cells: list[str]


class Batch(NamedTuple):
    numbers: Sequence[int]
    lines: list[str]
    """The cells of each row, joined."""


class Garbled(Exception):
    """The child did not keep to the form."""


def say(output: IO[bytes], value: object) -> None:
    output.write(json.dumps(value, separators=(",", ":")).encode() + b"\n")
    output.flush()


def send(output: IO[bytes], batch: Batch) -> None:
    numbers, lines = batch
    if len(lines) > 1 and sum(map(len, lines)) > _LARGEST_FRAME:
        half = len(lines) // 2
        send(output, Batch(numbers[:half], lines[:half]))
        send(output, Batch(numbers[half:], lines[half:]))
        return
    text = ROW_END.join(lines).encode()
    output.write(json.dumps({"rows": list(_runs(numbers)), "size": len(text)}).encode() + b"\n" + text)
    output.flush()


def gathered(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The same rows, as many as a frame holds at a time."""
    numbers: list[int] = []
    lines: list[str] = []
    for batch in batches:
        numbers.extend(batch.numbers)
        lines.extend(batch.lines)
        if len(lines) >= ROWS_IN_A_FRAME:
            yield Batch(numbers, lines)
            numbers, lines = [], []
    if lines:
        yield Batch(numbers, lines)


def receive(source: IO[bytes]) -> Iterator[Any]:
    """What the child says, and the bytes of its frames as ``(runs, text)``. Raises Garbled."""
    while line := source.readline(_LONGEST_LINE):
        said = _said(line)
        if "rows" not in said:
            yield said
            continue
        size = said.get("size")
        if not isinstance(size, int) or not 0 <= size <= _MOST_BYTES:
            raise Garbled
        text = source.read(size)
        if len(text) < size:
            return
        yield said["rows"], text


def rows(runs: Any, text: bytes) -> list[Row]:
    """Raises Garbled."""
    try:
        numbers = chain.from_iterable(range(first, first + count) for first, count in runs)
        cells = [line.split(CELL_END) for line in text.decode().split(ROW_END)]
        return list(map(Row._make, zip(numbers, cells, strict=True)))
    except (ValueError, TypeError) as error:
        raise Garbled from error


def _said(line: bytes) -> dict[str, Any]:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Garbled from error
    if not isinstance(said, dict):
        raise Garbled
    return said


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """``1, 2, 3, 7`` as ``(1, 3), (7, 1)``."""
    if numbers[-1] - numbers[0] + 1 == len(numbers):
        yield numbers[0], len(numbers)
        return
    first = before = numbers[0]
    for number in numbers[1:]:
        if number != before + 1:
            yield first, before - first + 1
            first = number
        before = number
    yield first, before - first + 1
