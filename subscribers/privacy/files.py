"""Whether a stored file tells an address: text in any encoding, or a workbook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import IO, Final
from zipfile import BadZipFile, ZipFile, is_zipfile

from django.db.models.fields.files import FieldFile

BLOCK: Final = 1 << 20
LONGEST: Final = 1024


class Marks:
    """By what goes before the @ and, unless it may be spelled in other letters, what follows."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._marks = {mark for address in addresses for mark in _marks(address)}
        narrow = b'[^\\s<>",;:\0]{1,200}@[a-zA-Z0-9.-]*'
        wide = b'(?:[^\\s<>",;:\0]\0){1,200}@\0(?:[a-zA-Z0-9.-]\0)*'
        self._candidate = re.compile(b"|".join((wide, narrow)))

    def are_in(self, file: FieldFile) -> bool:
        try:
            with file.open("rb") as opened:
                return any(self._are_in(part) for part in _parts(opened))
        except FileNotFoundError:
            return False

    def _are_in(self, part: IO[bytes]) -> bool:
        rest = b""
        while block := part.read(BLOCK):
            if any(self._is_one(found[0]) for found in self._candidate.finditer(rest + block)):
                return True
            rest = block[-LONGEST:]
        return False

    def _is_one(self, candidate: bytes) -> bool:
        text = candidate.replace(b"\0", b"").lower()
        starts = [0, *(found.end() for found in re.finditer(rb"[^\w.+-]", text.partition(b"@")[0]))]
        return any(
            text[start:].rstrip(b".-") in self._marks or text[start : text.index(b"@") + 1] in self._marks
            for start in starts
        )


def _parts(opened: IO[bytes]) -> Iterator[IO[bytes]]:
    if not is_zipfile(opened):
        opened.seek(0)
        yield opened
        return
    try:
        with ZipFile(opened) as archive:
            for name in archive.namelist():
                with archive.open(name) as part:
                    yield part
    except BadZipFile:
        return


def _marks(address: str) -> Iterator[bytes]:
    local, _at, domain = address.rpartition("@")
    for written in {local, escape(local), escape(local, quote=False)}:
        # A foreign domain may stand there in any encoding: then the part before it is enough.
        yield f"{written}@{'' if 'xn--' in domain else domain}".encode()
