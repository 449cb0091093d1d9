"""A real SMTP server on this machine that keeps every mail and lets none out.

The first label of a recipient's domain says how it answers, so that a rehearsal meets what a real
campaign meets: `ann@gone.example.org` does not exist, `ann@busy.example.org` is told to come again.
"""

from __future__ import annotations

import asyncio
import logging
import signal

from aiosmtpd.smtp import SMTP, Envelope, Session

from campaigns.rehearsal.mailbox import Mailbox
from subscribers.addresses import domain_of

ACCEPTED = "250 2.0.0 Kept"
DEFERRED = "451 4.7.1 Busy, please come again"
GONE = "gone"
BUSY = "busy"
FULL = "full"
STRICT = "strict"
SILENT = "silent"
REFUSALS = {
    GONE: "550 5.1.1 No such mailbox here",
    FULL: "452 4.2.2 The mailbox is full",
    STRICT: "550 5.7.1 We take no mail from your network",
}


class Catcher:
    """The hooks that aiosmtpd calls."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self.deferred: set[str] = set()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self.reply_to(address)
        if reply == ACCEPTED:
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if any(temper(address) == SILENT for address in envelope.rcpt_tos):
            # Nobody will ever know whether this one was taken.
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            return ""
        content = envelope.original_content or b""
        self.mailbox.keep(content, mail_from=envelope.mail_from or "", rcpt_tos=list(envelope.rcpt_tos))
        return ACCEPTED

    def reply_to(self, address: str) -> str:
        label = temper(address)
        if label == BUSY and address not in self.deferred:
            self.deferred.add(address)
            return DEFERRED
        return REFUSALS.get(label, ACCEPTED)


def temper(address: str) -> str:
    """How the server of this address behaves: the first label of its domain."""
    return domain_of(address).partition(".")[0].lower()


async def catch(mailbox: Mailbox, host: str, port: int) -> None:
    """Listen until the process is told to stop."""
    # aiosmtpd would write a dozen lines about each mail.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    loop = asyncio.get_running_loop()
    hooks = Catcher(mailbox)
    mailbox.folder.mkdir(parents=True, exist_ok=True)
    server = await loop.create_server(lambda: SMTP(hooks, hostname="mailbox.test", loop=loop), host, port)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
    server.close()
