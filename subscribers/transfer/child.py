"""The process that touches foreign files: few rights, little memory, no database, no secrets.

Takes a JSON request as its argument and writes JSON lines: one that says how the file is read,
then lists of ``[number, cells]``, and at the end ``{"end": true}`` or ``{"fault": …}``.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import warnings
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

# Entities are refused by defusedxml, which openpyxl only asks if it does not prefer lxml.
os.environ["OPENPYXL_LXML"] = "False"

from subscribers.transfer import faults
from subscribers.transfer.delimited import Delimited
from subscribers.transfer.faults import Fault, FileRefused
from subscribers.transfer.workbook import Workbook

_ZIP = b"PK\x03\x04"
_COMPOUND_FILE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WEB_PAGE = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table", b"<meta")
_BATCH = 2_000


def main() -> None:
    request = json.loads(sys.argv[1])
    restrict(memory=request["memory"], seconds=request["seconds"])
    warnings.simplefilter("ignore")
    try:
        answer(request)
    except FileRefused as refusal:
        say({"fault": refusal.fault, "facts": refusal.facts})
    except MemoryError:
        say({"fault": Fault.TOO_MUCH_MEMORY, "facts": {}})


def restrict(*, memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def answer(request: dict[str, Any]) -> None:
    rows = opened(Path(request["path"]), request["name"], request["dialect"])
    if request["rows"]:
        rows = islice(rows, request["rows"])
    while batch := list(islice(rows, _BATCH)):
        say(batch)
    say({"end": True})


def opened(path: Path, name: str, dialect: dict[str, Any]) -> Iterator[tuple[int, list[str]]]:
    if is_workbook(path, name):
        book = Workbook(path, dialect.get("sheet"))
        say({"dialect": {"kind": "workbook", "sheet": book.sheet}, "sheets": book.sheets, "estimate": book.estimate})
        return book.rows()
    text = Delimited(path, dialect.get("encoding"), dialect.get("delimiter"))
    settled = {"kind": "text", "encoding": text.encoding, "delimiter": text.delimiter}
    say({"dialect": settled, "sheets": [], "estimate": text.estimate})
    return text.rows()


def is_workbook(path: Path, name: str) -> bool:
    """By what the file is; its name only decides which mistake to explain."""
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip():
        raise FileRefused(Fault.EMPTY)
    if start.startswith(_ZIP):
        return True
    if start.startswith(_COMPOUND_FILE):
        if path.stat().st_size > faults.LARGEST_WORKBOOK:
            raise FileRefused(Fault.OLD_WORKBOOK)
        raise FileRefused(Fault.ENCRYPTED if _ENCRYPTED in path.read_bytes() else Fault.OLD_WORKBOOK)
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_WEB_PAGE):
        raise FileRefused(Fault.WEB_PAGE)
    if name.lower().endswith((".xlsx", ".xlsm")):
        raise FileRefused(Fault.NOT_A_WORKBOOK)
    return False


def say(value: object) -> None:
    # ASCII with escapes: no character of a file can break a line of the protocol.
    sys.stdout.write(json.dumps(value, separators=(",", ":")) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
