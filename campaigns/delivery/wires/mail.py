"""A parcel as the commands and the bytes of one transaction."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from campaigns.delivery.replies import Kind, Outcome

from .parcel import Parcel, Sealed

# A quoted local part may hold anything printable, an unquoted one nothing that ends an address or a command.
ADDRESS = re.compile(r'(?:"(?:[^"\\\x00-\x1f\x7f]|\\[ -~])+"|[^\s"<>@\x00-\x1f\x7f]+)@[^\s"<>@\x00-\x1f\x7f]+')
LINE_END = re.compile(rb"\r\n|\r|\n")


class Offer(NamedTuple):
    """What a server said it can do. Without a word, nothing."""

    pipelining: bool = False
    chunking: bool = False
    smtputf8: bool = False
    eight_bit: bool = False
    # RFC 1870: the server takes a mail with SIZE on it, of that many octets at most; 0 is no limit.
    size: bool = False
    most_octets: int = 0


class CannotSend(Exception):
    """Whatever the server would say; `outcome` is for this mail alone."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class Mail:
    """One transaction, and how far it came."""

    __slots__ = (
        "begun_at",
        "end",
        "is_dot_safe",
        "number",
        "octets",
        "outcome",
        "parcel",
        "pieces",
        "rcpt",
        "sender",
        "tried_at",
    )

    def __init__(self, parcel: Parcel, offer: Offer) -> None:
        """Raises CannotSend."""
        self.parcel = parcel
        self.number = parcel.number
        self.tried_at: datetime = datetime.now(UTC)
        self.begun_at = time.monotonic()
        # Where its last byte is in all that was said on this connection.
        self.end: int | None = None
        self.outcome: Outcome | None = None
        pieces = getattr(parcel.message, "pieces", None)
        self.is_dot_safe = pieces is not None
        # In which the content is written.
        self.pieces: Sequence[bytes] = [content_of(parcel.message)] if pieces is None else pieces
        self.octets = sum(map(len, self.pieces))
        recipient = envelope(parcel.recipient, offer)
        sender = envelope_of_many(parcel.sender, offer) if parcel.sender else ""
        self.sender = f"MAIL FROM:<{sender}>{self._parameters(offer, sender + recipient)}\r\n".encode()
        self.rcpt = f"RCPT TO:<{recipient}>\r\n".encode()

    @property
    def stuffed(self) -> tuple[Sequence[bytes], int]:
        """As DATA needs it, without the final dot, and how many octets these are."""
        if self.is_dot_safe:
            return self.pieces, self.octets
        content = b"".join(self.pieces).replace(b"\n.", b"\n..")
        content = b"." + content if content.startswith(b".") else content
        return [content], len(content)

    def _parameters(self, offer: Offer, addresses: str) -> str:
        if offer.most_octets and self.octets > offer.most_octets:
            words = _("The mail has %(octets)d bytes; the server takes at most %(most)d.")
            answer = words % {"octets": self.octets, "most": offer.most_octets}
            raise CannotSend(Outcome(Kind.REFUSED, answer=answer, names_recipient=True))
        parameters = f" SIZE={self.octets}" if offer.size else ""
        if offer.eight_bit and not self.is_dot_safe and not all(piece.isascii() for piece in self.pieces):
            parameters += " BODY=8BITMIME"
        return parameters if addresses.isascii() else f"{parameters} SMTPUTF8"


def content_of(message: EmailMessage | Sealed) -> bytes:
    """Each line with CRLF, not stuffed. Raises CannotSend for a message that cannot be written."""
    if isinstance(message, Sealed):
        return message.content
    try:
        content = LINE_END.sub(b"\r\n", message.message().as_bytes())
    except Exception as error:
        # Whatever is wrong with the message of one person must not stop the others.
        raise CannotSend(Outcome(Kind.INVALID, answer=f"{type(error).__name__}: {error}")) from error
    return content if content.endswith(b"\r\n") else content + b"\r\n"


def envelope(address: str, offer: Offer) -> str:
    """As it stands in a command: the domain in ASCII, the local part too unless the server takes it as it is."""
    if not ADDRESS.fullmatch(address):
        raise CannotSend(invalid(_("“%(address)s” is not an e-mail address."), address))
    if address.isascii():
        return address
    local, _at, domain = address.rpartition("@")
    if not local.isascii() and not offer.smtputf8:
        words = _("The server cannot take letters such as those before the @ in “%(address)s”.")
        raise CannotSend(invalid(words, address))
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise CannotSend(invalid(_("“%(address)s” is not an e-mail address."), address)) from error


# Of a campaign, all senders are the same.
envelope_of_many = lru_cache(maxsize=64)(envelope)


def invalid(words: str, address: str) -> Outcome:
    return Outcome(Kind.INVALID, answer=words % {"address": address})
