"""Quoted-printable (RFC 2045 §6.7) in pieces, any of which may stand at the beginning of a line."""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence
from html import escape

CRLF = b"\r\n"
# Between two pieces: the line ends here, the text does not.
SOFT_BREAK = b"=\r\n"
# What is written as it is: no line too long, none that ends in a space. SMTP would double a dot at the beginning
# of a line; written as =2E it needs no care.
PLAIN_LINE = r"(?!\.)[ -<>-~]{0,75}(?<! )"
AS_IT_IS = re.compile(rf"{PLAIN_LINE}(?:\n{PLAIN_LINE})*")
# As much as fits in a line, even if a dot at its beginning becomes three characters, without cutting an escape.
LINE = re.compile(rb".{1,73}(?<!=)(?<!=.)")
# Of a line, besides the soft break behind it.
ROOM = 75
# As html.escape does it, the ampersand first.
ESCAPES = ((b"&", b"&amp;"), (b"<", b"&lt;"), (b">", b"&gt;"), (b'"', b"&quot;"), (b"'", b"&#x27;"))
BLANK = re.compile(rb"(?:\s|=20|=09|=\r\n)*")


def quoted(text: str) -> bytes:
    if AS_IT_IS.fullmatch(text):
        return text.replace("\n", "\r\n").encode()
    return CRLF.join(map(quoted_line, one_kind_of_newline(text.replace("\0", "")).split("\n")))


def quoted_line(text: str) -> bytes:
    escaped = binascii.b2a_qp(text.encode()).replace(b"=\n", b"")
    lines = LINE.findall(escaped)
    return SOFT_BREAK.join(b"=2E" + line[1:] if line.startswith(b".") else line for line in lines)


def quoted_each(texts: Sequence[str]) -> tuple[list[bytes], list[bytes]]:
    """As texts and as HTML. Their lines end with ``\n``."""
    # All at once, because most of what it costs to encode a name is the call.
    together = binascii.b2a_qp("\n".join(texts).encode())
    escaped = together
    for special, instead in ESCAPES:
        escaped = escaped.replace(special, instead)
    as_text, as_html = together.split(b"\n"), escaped.split(b"\n")
    if len(as_text) == len(texts) and max(map(len, as_html)) <= ROOM and b"\n." not in b"\n" + together:
        return as_text, as_html
    return list(map(quoted, texts)), [quoted(escape(text)) for text in texts]


def unquoted(encoded: bytes) -> str:
    return binascii.a2b_qp(encoded).decode().replace("\r\n", "\n")


def is_blank(encoded: bytes) -> bool:
    return bool(BLANK.fullmatch(encoded))


def one_kind_of_newline(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
