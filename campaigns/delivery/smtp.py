"""One kept SMTP connection that knows, for each message, how far it came (RFC 5321)."""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
import time
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.core.mail.utils import DNS_NAME

from campaigns.composition.message import CampaignMessage
from campaigns.delivery.replies import Kind, Outcome, Stage, classify

_LINE_END = re.compile(rb"\r\n|\r|\n")
_LEADING_DOT = re.compile(rb"(?m)^\.")


class SmtpConnection:
    """Opened at the first message and whenever it was lost; takes the options of Django's SMTP backend."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self.server: smtplib.SMTP | None = None

    def send(self, message: EmailMultiAlternatives) -> Outcome:
        """Never raises for what the server, the network or this one message does."""
        started = time.monotonic()
        try:
            content = _wire_bytes(message)
        except Exception as error:
            # Whatever is wrong with the message of one person must not stop the others.
            return Outcome(Kind.INVALID, answer=str(error))
        outcome = self._transmit(message.from_email, message.to[0], content)
        milliseconds = int((time.monotonic() - started) * 1000)
        return outcome._replace(duration_ms=milliseconds)

    def close(self) -> None:
        server, self.server = self.server, None
        if server:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _transmit(self, sender: str, recipient: str, content: bytes) -> Outcome:
        was_open = self.server is not None
        conversation = Conversation(self)
        try:
            outcome = conversation.hold(sender, recipient, content)
        except (smtplib.SMTPException, OSError) as error:
            outcome = conversation.broke(error)
        except ValueError as error:
            # An address that has no place in a command.
            self.drop()
            outcome = Outcome(Kind.INVALID, answer=str(error))
        if outcome.kind == Kind.UNAVAILABLE and was_open and self.server is None:
            # Servers hang up on those who were silent for long. Nothing of this message was handed over.
            return self._transmit(sender, recipient, content)
        return outcome

    def open(self) -> smtplib.SMTP:
        if self.server is None:
            self.server = _connect(self.options)
        return self.server

    def drop(self) -> None:
        """Without a word: the other side is gone, or must not see another command."""
        server, self.server = self.server, None
        if server:
            server.close()


class Conversation:
    """The commands for one message; remembers the stage, which decides what a breakdown means."""

    def __init__(self, connection: SmtpConnection) -> None:
        self.connection = connection
        self.stage = Stage.CONNECT
        self.is_handed_over = False

    def hold(self, sender: str, recipient: str, content: bytes) -> Outcome:
        server = self.connection.open()
        self.stage = Stage.MAIL
        size = [f"size={len(content)}"] if server.has_extn("size") else []
        code, answer = server.mail(sender, size)
        if 200 <= code < 300:
            self.stage = Stage.RCPT
            code, answer = server.rcpt(recipient)
        if self.stage == Stage.RCPT and 200 <= code < 300:
            self.stage = Stage.DATA
            code, answer = server.docmd("DATA")
            if code == 354:
                code, answer = self._hand_over(server, content)
        return self._meaning(code, answer.decode("utf-8", "replace"))

    def broke(self, error: Exception) -> Outcome:
        """The connection did; what that means depends on whether the server may have the message."""
        self.connection.drop()
        if self.is_handed_over:
            return Outcome(Kind.UNKNOWN, answer=_words(error))
        if isinstance(error, smtplib.SMTPResponseException) and self.stage == Stage.CONNECT:
            answer = error.smtp_error
            words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
            stage = Stage.LOGIN if isinstance(error, smtplib.SMTPAuthenticationError) else Stage.CONNECT
            return classify(stage, error.smtp_code, words)
        if self.stage in {Stage.RCPT, Stage.DATA}:
            # Perhaps the server is gone, which the next message will show. But if it hangs up because of this
            # recipient, then this one alone must wait, or it would hold up everybody for ever.
            return Outcome(Kind.DEFERRED, answer=_words(error), names_recipient=True)
        return Outcome(Kind.UNAVAILABLE, answer=_words(error))

    def _hand_over(self, server: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
        server.send(content)
        # The server has a message once it has read the last line; until then nothing can have arrived.
        self.is_handed_over = True
        server.send(b".\r\n")
        return server.getreply()

    def _meaning(self, code: int, answer: str) -> Outcome:
        if self.is_handed_over and 200 <= code < 300:
            return Outcome(Kind.ACCEPTED, code, f"{code} {answer}")
        if code == 421:
            self.connection.drop()
        elif not self.is_handed_over:
            self._reset()
        return classify(self.stage, code, answer)

    def _reset(self) -> None:
        """Forget the sender and recipient of the refused message."""
        try:
            code, _answer = self.connection.open().rset()
        except (smtplib.SMTPException, OSError):
            code = 0
        if code != 250:
            self.connection.drop()


def _connect(options: dict[str, Any]) -> smtplib.SMTP:
    context = ssl.create_default_context()
    where = {"host": options["host"], "port": options["port"], "timeout": options["timeout"]}
    name = DNS_NAME.get_fqdn()
    server = (
        smtplib.SMTP_SSL(**where, local_hostname=name, context=context)
        if options.get("use_ssl")
        else smtplib.SMTP(**where, local_hostname=name)
    )
    try:
        if server.sock:
            # The last line of a message must not wait for the acknowledgement of what went before it.
            server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if options.get("use_tls"):
            server.starttls(context=context)
        server.ehlo_or_helo_if_needed()
        if options.get("username"):
            server.login(options["username"], options["password"])
    except BaseException:
        server.close()
        raise
    return server


def _wire_bytes(message: EmailMultiAlternatives) -> bytes:
    """Dot-stuffed, with CRLF after each line, without the dot that ends it."""
    if isinstance(message, CampaignMessage):
        return message.wire
    content = _LINE_END.sub(b"\r\n", message.message().as_bytes())
    return _LEADING_DOT.sub(b"..", content if content.endswith(b"\r\n") else content + b"\r\n")


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
