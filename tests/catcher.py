"""A real SMTP server on loopback that keeps what it is given and answers as it is told."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from threading import Thread
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

ACCEPTED = "250 2.0.0 accepted"


@dataclass(frozen=True)
class CaughtMail:
    mail_from: str
    rcpt_tos: list[str]
    content: bytes
    received_at: datetime
    received_monotonic: float

    @property
    def message(self) -> EmailMessage:
        parsed = BytesParser(policy=policy.default).parsebytes(self.content)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def recipient(self) -> str:
        (recipient,) = self.rcpt_tos
        return recipient


@dataclass
class Catcher:
    """`mails` in order of arrival; `refuse`, `defer`, `answer_data` and `drop_after_data` script its replies."""

    host: str = "127.0.0.1"
    port: int = 0
    mails: list[CaughtMail] = field(default_factory=list)
    connections: int = 0
    smtputf8: bool = False
    recipient_replies: dict[str, list[str]] = field(default_factory=dict)
    data_replies: dict[str, list[str]] = field(default_factory=dict)
    _thread: Thread | None = None
    _loop: asyncio.AbstractEventLoop | None = None

    def refuse(self, address: str, reply: str = "550 5.1.1 user unknown") -> None:
        """Answer this recipient so, always."""
        self.recipient_replies[address] = [reply]

    def defer(self, address: str, reply: str = "451 4.7.1 try again later", *, times: int | None = None) -> None:
        """Answer this recipient so, always or for the next tries."""
        self.recipient_replies[address] = [reply] if times is None else [reply] * times + [ACCEPTED]

    def answer_data(self, address: str, reply: str, *, times: int | None = None) -> None:
        """Take the recipient, and answer the message itself so."""
        self.data_replies[address] = [reply] if times is None else [reply] * times + [ACCEPTED]

    def drop_after_data(self, address: str) -> None:
        """Read the whole message and hang up without a word; nobody knows whether it was taken."""
        self.data_replies[address] = [""]

    def to(self, address: str) -> list[CaughtMail]:
        return [mail for mail in self.mails if address in mail.rcpt_tos]

    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}?tls=none"

    def mailer(self) -> dict[str, Any]:
        return {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": self.host,
                "port": self.port,
                "username": "",
                "password": "",
                "use_tls": False,
                "use_ssl": False,
                "timeout": 10,
            },
        }

    def up(self) -> None:
        """Listen; after `down`, on the same port as before."""
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(self._loop.create_server(self._speak, self.host, self.port))
        self.port = self._server.sockets[0].getsockname()[1]
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def down(self) -> None:
        """Refuse connections, and hang up on those who are connected."""
        if self._thread is None or self._loop is None:
            return
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._thread = None

    def open_connections(self) -> int:
        """Once those that are being closed are."""
        deadline = time.monotonic() + 2
        while self._conversations() and time.monotonic() < deadline:
            time.sleep(0.01)
        return self._conversations()

    def _conversations(self) -> int:
        return len(asyncio.all_tasks(self._loop))

    def _speak(self) -> SMTP:
        self.connections += 1
        hooks = Answers(self)
        return SMTP(hooks, enable_SMTPUTF8=self.smtputf8, hostname="catcher.test", loop=self._loop)

    async def _hang_up(self) -> None:
        self._server.close()
        conversations = asyncio.all_tasks() - {asyncio.current_task()}
        for conversation in conversations:
            conversation.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)


class Answers:
    """The hooks that aiosmtpd calls."""

    def __init__(self, catcher: Catcher) -> None:
        self.catcher = catcher

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = next_reply(self.catcher.recipient_replies, address)
        if reply == ACCEPTED:
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        reply = next_reply(self.catcher.data_replies, envelope.rcpt_tos[0])
        if reply == ACCEPTED:
            self.catcher.mails.append(caught(envelope))
        if not reply:
            server.transport.abort()
        return reply


def next_reply(script: dict[str, list[str]], address: str) -> str:
    replies = script.get(address, [ACCEPTED])
    return replies.pop(0) if len(replies) > 1 else replies[0]


def caught(envelope: Envelope) -> CaughtMail:
    return CaughtMail(
        mail_from=envelope.mail_from or "",
        rcpt_tos=list(envelope.rcpt_tos),
        content=envelope.original_content or b"",
        received_at=datetime.now(UTC),
        received_monotonic=time.monotonic(),
    )


@contextmanager
def catching() -> Iterator[Catcher]:
    catcher = Catcher()
    catcher.up()
    try:
        yield catcher
    finally:
        catcher.down()
