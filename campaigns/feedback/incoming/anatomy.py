"""Takes a mail apart as far as we need it (RFC 5322, RFC 2046), in time that grows with its size alone.

Anybody may write to our mailbox. The parser of the standard library follows every level of a mail made of thousands,
and keeps all of it; this one knows how deep a report can be and reads on.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from typing import Final

# Whatever says something to us says it before that; originals that are returned whole come last.
LONGEST: Final = 1_000_000
LONGEST_HEAD: Final = 100_000
LONGEST_VALUE: Final = 2_000
MOST_PARTS: Final = 20
# Reports are one deep; lists and virus scanners put them into a mail of their own.
DEEPEST: Final = 3

BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n")
LINE_END: Final = re.compile(r"\r?\n")
FOLD: Final = re.compile(r"\r?\n[ \t]+")
NAME: Final = re.compile(r"[!-9;-~]+")
BOUNDARY: Final = re.compile(r';\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]+")

Fields = dict[str, str]


@dataclass(frozen=True)
class Piece:
    """A mail or a part of one. Of headers that are there twice, the first counts."""

    headers: Fields
    body: bytes

    @property
    def kind(self) -> str:
        """Such as ``text/plain``, which it also is when nothing is said."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower() or "text/plain"

    def content(self) -> bytes:
        """Without its transfer encoding; as it is if that is broken."""
        match self.headers.get("content-transfer-encoding", "").strip().lower():
            case "base64":
                return from_base64(self.body)
            case "quoted-printable":
                return quopri.decodestring(self.body)
        return self.body

    def text(self) -> str:
        return self.content().decode("utf-8", "replace")


def take_apart(octets: bytes) -> Piece:
    return _piece(octets[:LONGEST])


def pieces(mail: Piece, depth: int = DEEPEST) -> Iterator[Piece]:
    """It and its parts in their order, but nothing of a mail within."""
    yield mail
    if mail.kind.startswith("multipart/") and depth:
        for part in _parts(mail):
            yield from pieces(part, depth - 1)


def fields(octets: bytes) -> Fields:
    """Of header lines, by their names in lower case."""
    found: Fields = {}
    for line in LINE_END.split(FOLD.sub(" ", octets[:LONGEST_HEAD].decode("utf-8", "replace"))):
        name, colon, value = line.partition(":")
        if colon and NAME.fullmatch(name.rstrip()):
            found.setdefault(name.rstrip().lower(), printable(value[:LONGEST_VALUE]))
    return found


def printable(text: str) -> str:
    """In characters that every database takes."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()


def words(value: str) -> str:
    """What a header says, whatever it is encoded in (RFC 2047)."""
    try:
        found = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    return "".join(part if isinstance(part, str) else _decoded(part, charset) for part, charset in found)


def from_base64(octets: bytes) -> bytes:
    clean = NOT_BASE64.sub(b"", octets)
    try:
        return binascii.a2b_base64(clean[: len(clean) // 4 * 4] + _last(clean))
    except binascii.Error:
        return octets


def _last(clean: bytes) -> bytes:
    """The rest with what is lacking; a single letter means nothing."""
    rest = clean[len(clean) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def _piece(octets: bytes) -> Piece:
    if octets.startswith((b"\n", b"\r\n")):
        return Piece({}, octets)
    head, *rest = BLANK_LINE.split(octets, maxsplit=1)
    return Piece(fields(head), rest[0] if rest else b"")


def _parts(mail: Piece) -> list[Piece]:
    found = BOUNDARY.search(mail.headers["content-type"])
    if not found:
        return []
    boundary = (found[1] or found[2]).rstrip().encode()
    line = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(?:--)?[ \t]*(?:\r?\n|\Z)")
    return [_piece(part) for part in line.split(mail.body, maxsplit=MOST_PARTS + 1)[1 : MOST_PARTS + 1]]


def _decoded(part: bytes, charset: str | None) -> str:
    try:
        return part.decode(charset or "ascii", "replace")
    except (LookupError, ValueError):
        return part.decode("latin-1")
