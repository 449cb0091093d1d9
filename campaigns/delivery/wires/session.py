"""Opens a connection to a server as far as the first mail: greeting, encryption, login. Blocks; for a thread."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from django.core.mail.utils import DNS_NAME

from campaigns.delivery.replies import Kind, Outcome, Stage, classify

from .answers import Garbled, in_words, readable
from .line import EncryptedLine, Line
from .mail import Offer

# From a round trip that long on, waiting for answers costs more than the doubt about a whole window.
FAR_SECONDS = 0.005


@dataclass(frozen=True)
class Door:
    """Where to and how: the options of Django's SMTP backend, and ours."""

    host: str
    port: int
    username: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False
    timeout: float = 30
    ssl_keyfile: str | None = None
    ssl_certfile: str | None = None
    # Whole windows at once where the server takes them; if None, where it is far away.
    chunking: bool | None = None
    # Then the connection is closed and another opened.
    mails_per_connection: int = 1000

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Door:
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in options.items() if name in known and value is not None})


class Session(NamedTuple):
    """An open door."""

    socket: socket.socket
    offer: Offer


class CannotOpen(Exception):
    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


def open_session(door: Door) -> Session:
    """Raises CannotOpen."""
    caller = Caller(door)
    try:
        return caller.call()
    except (OSError, ValueError, Garbled) as error:
        caller.hang_up()
        raise CannotOpen(caller.meaning(error)) from error


class Caller:
    """Remembers how far it came, which decides what a refusal means."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.stage = Stage.CONNECT
        self.is_encrypting = False
        self.line: Line | EncryptedLine | None = None

    def call(self) -> Session:
        door, context = self.door, self._context()
        name = DNS_NAME.get_fqdn()
        if door.use_ssl:
            self.line = EncryptedLine(door.host, door.port, name, timeout=door.timeout, context=context)
        else:
            self.line = Line(door.host, door.port, name, timeout=door.timeout)
        if door.use_tls:
            self.is_encrypting = True
            self.line.starttls(context=context)
            self.is_encrypting = False
        asked_at = time.monotonic()
        self.line.ehlo_or_helo_if_needed()
        is_far = time.monotonic() - asked_at > FAR_SECONDS
        if door.username:
            self.stage = Stage.LOGIN
            self.line.login(door.username, door.password)
        return Session(self._taken_socket(), self._offer(is_far))

    def meaning(self, error: Exception) -> Outcome:
        refusal = error if isinstance(error, smtplib.SMTPResponseException) else self.line and self.line.refusal
        if not refusal:
            return Outcome(Kind.UNAVAILABLE, answer=in_words(error))
        code, answer = refusal.smtp_code, refusal.smtp_error
        words = readable(answer if isinstance(answer, bytes) else answer.encode())
        if self.is_encrypting:
            # Not a word against us, but nothing may be sent here.
            return Outcome(Kind.UNAVAILABLE, code, f"{code} {words}")
        return classify(self.stage, code, words)

    def hang_up(self) -> None:
        if self.line:
            self.line.close()

    def _context(self) -> ssl.SSLContext | None:
        if not (self.door.use_tls or self.door.use_ssl):
            return None
        context = ssl.create_default_context()
        if self.door.ssl_certfile:
            context.load_cert_chain(self.door.ssl_certfile, self.door.ssl_keyfile)
        return context

    def _offer(self, is_far: bool) -> Offer:
        line = self.line
        if line is None or not line.does_esmtp:
            return Offer()
        most = line.esmtp_features.get("size", "")
        wants_chunks = is_far if self.door.chunking is None else self.door.chunking
        return Offer(
            pipelining=line.has_extn("pipelining"),
            chunking=wants_chunks and line.has_extn("chunking"),
            smtputf8=line.has_extn("smtputf8"),
            eight_bit=line.has_extn("8bitmime"),
            size=line.has_extn("size"),
            most_octets=int(most) if most.isdecimal() else 0,
        )

    def _taken_socket(self) -> socket.socket:
        assert self.line
        assert self.line.sock
        taken, self.line.sock = self.line.sock, None
        # What is said last must not wait for the acknowledgement of what went before it.
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        taken.setblocking(False)
        return taken
