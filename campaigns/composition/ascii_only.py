"""Makes a message pure ASCII: what servers convert on the way breaks signatures."""

from __future__ import annotations

from binascii import b2a_qp
from email.message import Message

ENCODING = "Content-Transfer-Encoding"
LINE_ENDS = {b"\r\n": b"\n", b"\r": b"\n"}


def make_ascii(message: Message) -> None:
    """Write what is 8bit or binary in quoted-printable; the rest keeps its bytes."""
    for part in message.walk():
        if not part.is_multipart() and not _is_ascii(part):
            _quote(part)


def _is_ascii(part: Message) -> bool:
    payload = part.get_payload()
    return isinstance(payload, str) and payload.isascii()


def _quote(part: Message) -> None:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    for end, newline in LINE_ENDS.items():
        content = content.replace(end, newline)
    del part[ENCODING]
    part[ENCODING] = "quoted-printable"
    part.set_payload(b2a_qp(content, istext=True).decode("ascii"))
