"""A real SMTP server on loopback that does everything right until it is told what to do wrong, and when."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any

HANG_UP = "hang up"
HALF_CLOSE = "half-close"
SILENCE = "silence"
GARBAGE = "garbage"
ENDLESS = "endless"
PATIENCE_SECONDS = 5
USUAL = {
    "CONNECT": "220 rogue.test",
    "DATA": "354 go on",
    "QUIT": "221 bye",
    "AUTH": "235 2.7.0 welcome",
    "STARTTLS": "220 go on",
}


@dataclass
class Rogue:
    """`plan`: by step, what to do instead of the usual, used up from the left; any other word is a reply."""

    offers: list[str] = field(default_factory=list)
    plan: dict[str, list[str]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    reached: set[str] = field(default_factory=set)
    conversations: list[socket.socket] = field(default_factory=list)
    mails: list[tuple[str, bytes]] = field(default_factory=list)
    certificate: ssl.SSLContext | None = None
    is_encrypted: bool = False
    connections: int = 0
    now_open: int = 0
    port: int = 0
    # A content of which BODY does something else is not read before, so that not all of it can be written.
    may_read_on: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)

    def next(self, step: str) -> str:
        with self.lock:
            self.reached.add(step)
            planned = self.plan.get(step)
            return planned.pop(0) if planned else USUAL.get(step, "250 2.0.0 fine")

    @property
    def commands(self) -> list[str]:
        return [line.split()[0].upper() for line in self.lines]

    def hang_up(self) -> None:
        """On everybody."""
        for conversation in self.conversations:
            conversation.shutdown(socket.SHUT_RDWR)

    def options(self, **more: Any) -> dict[str, Any]:
        usual = {"username": "", "password": "", "use_tls": False, "use_ssl": False, "timeout": 5, "chunking": True}
        return {"host": "127.0.0.1", "port": self.port, **usual, **more}

    def mailer(self, **more: Any) -> dict[str, Any]:
        return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": self.options(**more)}

    def recipients(self) -> list[str]:
        return [recipient for recipient, _content in self.mails]

    def left_open(self) -> int:
        """Connections that nobody closed, once those that are being closed are."""
        deadline = time.monotonic() + 2
        while self.now_open and time.monotonic() < deadline:
            time.sleep(0.005)
        return self.now_open


class Over(Exception):
    """The conversation is."""


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64
    rogue: Rogue

    def server_bind(self) -> None:
        # So little that a long content cannot be written before it is read.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        super().server_bind()


class Conversation(socketserver.BaseRequestHandler):
    server: Server

    def handle(self) -> None:
        self.rogue = self.server.rogue
        self.lines = self.request.makefile("rb")
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.rogue.lock:
            self.rogue.connections += 1
            self.rogue.now_open += 1
            self.rogue.conversations.append(self.request)
        try:
            with contextlib.suppress(Over, OSError):
                self.converse()
        finally:
            self.lines.close()
            self.request.close()
            with self.rogue.lock:
                self.rogue.now_open -= 1

    def converse(self) -> None:
        if self.rogue.is_encrypted:
            self.encrypt()
        self.sender = self.recipient = ""
        self.is_within_content = False
        self.act("CONNECT")
        while line := self.lines.readline():
            command, *words = line.decode().split()
            command = command.upper()
            self.rogue.lines.append(line.decode().strip())
            getattr(self, f"on_{command.lower()}", self.on_other)(command, words)
        raise Over

    def on_ehlo(self, command: str, words: list[str]) -> None:
        if self.rogue.plan.get(command):
            self.act(command)
            return
        keywords = ["rogue.test", *self.rogue.offers]
        self.say("".join(f"250{'-' if word != keywords[-1] else ' '}{word}\r\n" for word in keywords))

    def on_starttls(self, command: str, words: list[str]) -> None:
        if self.act(command):
            self.encrypt()

    def on_mail(self, command: str, words: list[str]) -> None:
        if self.sender:
            return self.say("503 5.5.1 nested MAIL\r\n")
        if self.act(command):
            self.sender = words[0]
        return None

    def on_rcpt(self, command: str, words: list[str]) -> None:
        if not self.sender:
            return self.say("503 5.5.1 need MAIL\r\n")
        if self.act(command):
            self.recipient = words[0].removeprefix("TO:<").removesuffix(">")
        return None

    def on_data(self, command: str, words: list[str]) -> None:
        is_generous = self.rogue.plan.get("DATA", [])[:1] == ["354 go on"]
        if not self.recipient and not is_generous:
            return self.say("503 5.5.1 need RCPT\r\n")
        if self.act(command):
            self.act_within_content()
            self.take(b"".join(iter(self.content_line, b".\r\n")))
        return None

    def on_bdat(self, command: str, words: list[str]) -> None:
        content = self.lines.read(int(words[0]))
        if not self.recipient:
            return self.say("503 5.5.1 need RCPT\r\n")
        return self.take(content)

    def on_rset(self, command: str, words: list[str]) -> None:
        if self.act(command):
            self.sender = self.recipient = ""

    def on_quit(self, command: str, words: list[str]) -> None:
        self.act(command)
        raise Over

    def on_other(self, command: str, words: list[str]) -> None:
        self.act(command)

    def content_line(self) -> bytes:
        line = self.lines.readline()
        if not line:
            raise Over
        return line

    def act_within_content(self) -> None:
        if self.rogue.plan.get("BODY"):
            self.is_within_content = True
            self.act("BODY")
            self.stay()

    def take(self, content: bytes) -> None:
        recipient, self.sender, self.recipient = self.recipient, "", ""
        reply = self.rogue.next("END")
        if reply.startswith("250") and recipient:
            self.rogue.mails.append((recipient, content))
        self.do(reply)

    def act(self, step: str) -> bool:
        """Whether the usual was done, which lets the conversation go on."""
        return self.do(self.rogue.next(step))

    def do(self, what: str) -> bool:
        match what:
            case "hang up":
                raise Over
            case "half-close":
                self.request.shutdown(socket.SHUT_WR)
                self.stay()
            case "silence":
                self.stay()
            case "garbage":
                self.say("\x00\xff<html>what?</html>\r\n")
            case "endless":
                self.say("250-and so on " * 9000)
            case _:
                self.say(f"{what}\r\n")
        if what.startswith("421"):
            raise Over
        return what[0] in "23"

    def stay(self) -> None:
        """Reads nothing of a content that it was to read."""
        if self.is_within_content:
            self.rogue.may_read_on.wait(PATIENCE_SECONDS)
        self.wait_for_end()

    def wait_for_end(self) -> None:
        """Until the other side closes the connection, whatever it says."""
        while self.request.recv(65536):
            pass
        raise Over

    def encrypt(self) -> None:
        assert self.rogue.certificate
        self.lines.close()
        self.request = self.rogue.certificate.wrap_socket(self.request, server_side=True)
        self.lines = self.request.makefile("rb")

    def say(self, words: str) -> None:
        self.request.sendall(words.encode("utf-8", "surrogateescape"))


@contextmanager
def rogue(*offers: str, **plan: list[str]) -> Iterator[Rogue]:
    server = Server(("127.0.0.1", 0), Conversation)
    server.rogue = Rogue(list(offers), {step: list(words) for step, words in plan.items()})
    server.rogue.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.rogue
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
