"""The process that touches foreign files: few rights, little memory, no database, no secrets.

Takes a JSON request as its argument. Says first how the file is read, then its rows, and at the end
``{"end": true}`` or ``{"fault": …}``.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from subscribers.transfer import kinds, pipe
from subscribers.transfer.faults import Fault, FileRefused

# Modules by name: to import openpyxl takes longer, and more memory, than to read most text files.
_READERS = {
    kinds.WORKBOOK: ("subscribers.transfer.workbook", "Workbook"),
    kinds.TEXT: ("subscribers.transfer.delimited", "Delimited"),
}


class Reader(Protocol):
    sheets: list[str]

    @property
    def estimate(self) -> int | None: ...

    @property
    def settled(self) -> dict[str, Any]: ...

    def batches(self, size: int) -> Iterator[pipe.Batch]: ...


def main() -> None:
    request = json.loads(sys.argv[1])
    restrict(memory=request["memory"], seconds=request["seconds"])
    warnings.simplefilter("ignore")
    try:
        answer(request)
    except FileRefused as refusal:
        pipe.say(sys.stdout.buffer, {"fault": refusal.fault, "facts": refusal.facts})
    except MemoryError:
        pipe.say(sys.stdout.buffer, {"fault": Fault.TOO_MUCH_MEMORY, "facts": {}})


def restrict(*, memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(request: dict[str, Any]) -> None:
    output = sys.stdout.buffer
    path = Path(request["path"])
    reader = reader_of(path, request["name"], request["dialect"])
    pipe.say(output, {"dialect": reader.settled, "sheets": reader.sheets, "estimate": reader.estimate})
    batches = reader.batches(pipe.ROWS_AT_A_TIME)
    if request["rows"]:
        batches = _first(batches, request["rows"])
    for batch in pipe.gathered(batches):
        pipe.send(output, batch)
    pipe.say(output, {"end": True})


def _first(batches: Iterator[pipe.Batch], rows: int) -> Iterator[pipe.Batch]:
    for numbers, lines in batches:
        yield pipe.Batch(numbers[:rows], lines[:rows])
        rows -= len(lines)
        if rows <= 0:
            return


def reader_of(path: Path, name: str, dialect: dict[str, Any]) -> Reader:
    module, reader = _READERS[kinds.kind(path, name)]
    made: Reader = getattr(import_module(module), reader)(path, dialect)
    return made


if __name__ == "__main__":
    main()
