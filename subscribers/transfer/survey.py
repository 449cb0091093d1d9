"""One quick pass over the bytes of a text file: its encoding, its length, and what cannot be read at all."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Final

from subscribers.transfer import encodings, faults
from subscribers.transfer.faults import Fault, FileRefused
from subscribers.transfer.pipe import UNCARRIED

_CHUNK: Final = faults.MEGABYTE
_MARKS: Final = tuple(bytes([code]) for code in UNCARRIED)
# Enough lines to tell an encoding, and the rare one that is written in another.
_MOST_TELLING: Final = 2 * faults.MEGABYTE


@dataclass(frozen=True)
class Survey:
    encoding: str
    strays: str
    """The encoding of bytes that are no UTF-8 within a file that is; blank if there are none."""
    lines: int
    has_marks: bool
    """Whether characters may be in it that no cell can keep."""


def survey(path: Path, stated: str | None) -> Survey:
    """Raises FileRefused."""
    if path.stat().st_size > faults.LARGEST_TEXT:
        raise FileRefused(Fault.TOO_LARGE, megabytes=faults.LARGEST_TEXT // faults.MEGABYTE)
    seen = _Pass()
    for chunk in _chunks(path):
        seen.take(chunk)
    stated = _canonical(stated) if stated else encodings.by_mark(seen.start) or encodings.by_zeros(seen.start)
    encoding, strays = (stated, "") if stated else ("utf-8", "")
    if encoding in ("utf-8", "utf-8-sig") and not seen.is_utf8:
        strays = encodings.strays(seen.telling)
        if not strays and stated:
            raise FileRefused(Fault.ENCODING, encoding=stated)
        if not strays:
            encoding = _guess(path, seen.telling)
    if not stated:
        encodings.refuse_binary(seen.start)
    return Survey(encoding, strays, max(seen.line_feeds, seen.returns), seen.has_marks)


@contextmanager
def decoded(path: Path, seen: Survey) -> Iterator[Iterator[str]]:
    """The lines of the file. They end as spreadsheet programs see it: at CR too, but not at a form feed."""
    if seen.strays:
        with path.open("rb") as file:
            yield _mixed(file, seen)
        return
    with path.open(encoding=seen.encoding, newline="") as text:
        # A mark of the byte order that the encoding does not ask for is no letter of the first heading.
        yield chain((line.removeprefix("\ufeff") for line in islice(text, 1)), text)


def _mixed(file: BinaryIO, seen: Survey) -> Iterator[str]:
    """Whole lines: within one, letters of another encoding may be UTF-8 by chance."""
    for lines in file:
        for line in lines.splitlines(keepends=True):
            yield line.decode("utf-8" if encodings.is_utf8(line) else seen.strays).removeprefix("\ufeff")


class _Pass:
    def __init__(self) -> None:
        self.start = b""
        self.is_utf8 = True
        self.line_feeds = self.returns = 0
        self.has_marks = False
        self.telling: list[bytes] = []
        self._told = 0
        self._utf8 = codecs.getincrementaldecoder("utf-8")()

    def take(self, chunk: bytes) -> None:
        self.start = self.start or chunk[: encodings.SAMPLE]
        line_feeds, returns = chunk.count(b"\n"), chunk.count(b"\r")
        if len(chunk) == _CHUNK and not line_feeds and not returns:
            raise FileRefused(Fault.ENDLESS_LINE, megabytes=_CHUNK // faults.MEGABYTE)
        self.line_feeds += line_feeds
        self.returns += returns
        self.has_marks = self.has_marks or any(mark in chunk for mark in _MARKS)
        self._check_utf8(chunk)
        if self._told < _MOST_TELLING and not chunk.isascii():
            told = [line for line in chunk.splitlines() if not line.isascii()]
            self._told += sum(map(len, told))
            self.telling += told

    def _check_utf8(self, chunk: bytes) -> None:
        if not self.is_utf8 or (chunk.isascii() and not self._utf8.getstate()[0]):
            self.is_utf8 = self.is_utf8 and (bool(chunk) or not self._utf8.getstate()[0])
            return
        try:
            self._utf8.decode(chunk, final=not chunk)
        except UnicodeDecodeError:
            self.is_utf8 = False


def _chunks(path: Path) -> Iterator[bytes]:
    """The file in pieces, and an empty one at its end."""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
    yield b""


def _canonical(stated: str) -> str:
    try:
        return "utf-8" if codecs.lookup(stated).name == "utf-8" else stated
    except (LookupError, ValueError) as error:
        raise FileRefused(Fault.ENCODING, encoding=stated) from error


def _guess(path: Path, telling: list[bytes]) -> str:
    """The most plausible encoding in which the whole file can be read."""
    for encoding in encodings.plausible(telling):
        if _decodes(path, encoding):
            return encoding
    raise FileRefused(Fault.NOT_TEXT)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _chunks(path):
            decoder.decode(chunk, final=not chunk)
    except UnicodeDecodeError:
        return False
    return True
