"""The opening of a connection by smtplib, bounded in time, and its end."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import time
from typing import Any

from django.utils.translation import gettext as _

from .answers import Answers

GOODBYE_SECONDS = 0.5


class Line(smtplib.SMTP):
    """Gives up on a server that has not replied in time, however many bytes of a reply it has sent."""

    refusal: smtplib.SMTPAuthenticationError | None = None

    def getreply(self) -> tuple[int, bytes]:
        # What comes unasked is dropped; nobody may put words before the encryption to be heard after it.
        answers = Answers()
        until = time.monotonic() + (self.timeout or 0)
        try:
            while True:
                for reply in answers.read(self._received(until)):
                    return reply
        except BaseException:
            self.close()
            raise

    def auth(self, *facts: Any, **more: Any) -> tuple[int, bytes]:
        """Remembers the refusal: after it smtplib tries another way, when the server has hung up perhaps."""
        try:
            return super().auth(*facts, **more)
        except smtplib.SMTPAuthenticationError as error:
            self.refusal = error
            raise

    def _received(self, until: float) -> bytes:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected(_("The server hung up."))
        self.sock.settimeout(max(until - time.monotonic(), 0.001))
        data = self.sock.recv(4096)
        if not data:
            raise smtplib.SMTPServerDisconnected(_("The server hung up."))
        return data


class EncryptedLine(Line, smtplib.SMTP_SSL):
    """Encrypted from its first byte."""


def say_goodbye(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.settimeout(GOODBYE_SECONDS)
        line.sendall(b"QUIT\r\n")


def hear_goodbye(line: socket.socket, until: float) -> None:
    """Closes the connection, after the answer if it comes in time."""
    with line, contextlib.suppress(OSError):
        line.settimeout(max(until - time.monotonic(), 0.001))
        line.recv(4096)
