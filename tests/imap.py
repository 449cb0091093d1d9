"""A real IMAP server on loopback: one folder, as much of the language as we speak, and faults as it is told."""

from __future__ import annotations

import re
import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

RANGE = re.compile(r"UID (\d+):(\d+)")
PART = re.compile(r"<0\.(\d+)>")


@dataclass
class ImapServer:
    """`mails` by their numbers; `asked` is what came, without passwords."""

    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    validity: int = 7
    password: str = "secret"
    is_read_only: bool = False
    hangs_up_at: int | None = None
    refuses: set[int] = field(default_factory=set)
    refusal: str = "NO [SERVERBUG] The message cannot be shown"
    asked: list[str] = field(default_factory=list)
    tls: ssl.SSLContext | None = None
    upgrades: bool = False
    port: int = 0

    def put(self, *octets: bytes) -> None:
        for one in octets:
            self.mails[max(self.mails, default=0) + 1] = one

    def options(self, **changes: Any) -> dict[str, Any]:
        """As settings.INCOMING_MAIL."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": "news@example.org",
            "password": self.password,
            "folder": "INBOX",
            "tls": "starttls" if self.upgrades else "ssl" if self.tls else "none",
            "timeout": 5,
            **changes,
        }


class Conversation(socketserver.StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        box: ImapServer = self.server.box
        if box.tls and not box.upgrades and not self.encrypt(box.tls):
            return
        self.say("* OK ready")
        while line := self.rfile.readline().decode().strip():
            tag, command, *rest = line.split(" ", 2)
            words = rest[0] if rest else ""
            if command == "UID":
                command, words = words.split(" ", 1)
            box.asked.append(command if command == "LOGIN" else f"{command} {words}")
            answer = getattr(self, command.lower())(box, words)
            if answer is None:
                return
            self.say(f"{tag} {answer}")
            if command == "LOGOUT" or (command == "STARTTLS" and not self.encrypt(box.tls)):
                return

    def finish(self) -> None:
        super().finish()
        # The one that is encrypted is another than the server knows.
        self.connection.close()

    def encrypt(self, tls: ssl.SSLContext) -> bool:
        try:
            self.connection = tls.wrap_socket(self.connection, server_side=True)
        except OSError:
            return False
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        return True

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def capability(self, box: ImapServer, words: str) -> str:
        self.say("* CAPABILITY IMAP4rev1" + " STARTTLS" * box.upgrades)
        return "OK done"

    def starttls(self, box: ImapServer, words: str) -> str:
        return "OK begin"

    def login(self, box: ImapServer, words: str) -> str:
        is_good = words.replace('"', "") == f"news@example.org {box.password}"
        return "OK welcome" if is_good else "NO [AUTHENTICATIONFAILED] Invalid credentials"

    def select(self, box: ImapServer, words: str) -> str:
        if words != '"INBOX"':
            return "NO Mailbox does not exist"
        self.say(f"* {len(box.mails)} EXISTS")
        self.say(f"* OK [UIDVALIDITY {box.validity}] valid")
        self.say(f"* OK [UIDNEXT {max(box.mails, default=0) + 1}] next")
        return "OK [READ-WRITE] selected"

    def search(self, box: ImapServer, words: str) -> str:
        first, last = map(int, RANGE.search(words).groups())
        found = [str(number) for number in box.mails if first <= number <= last]
        self.say(" ".join(["* SEARCH", *found]))
        return "OK done"

    def fetch(self, box: ImapServer, words: str) -> str | None:
        number = int(words.split()[0])
        if number == box.hangs_up_at:
            return None
        if number in box.refuses:
            return box.refusal
        if number in box.mails:
            octets = box.mails[number][: int(PART.search(words)[1])]
            self.wfile.write(b"* 1 FETCH (UID %d BODY[]<0> {%d}\r\n%b)\r\n" % (number, len(octets), octets))
        return "OK done"

    def store(self, box: ImapServer, words: str) -> str:
        if box.is_read_only:
            return "NO Permission denied"
        box.seen.add(int(words.split()[0]))
        return "OK done"

    def logout(self, box: ImapServer, words: str) -> str:
        self.say("* BYE")
        return "OK bye"


class Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@contextmanager
def imap_server(tls: ssl.SSLContext | None = None, *, upgrades: bool = False) -> Iterator[ImapServer]:
    with Listener(("127.0.0.1", 0), Conversation) as listener:
        box = listener.box = ImapServer(tls=tls, upgrades=upgrades, port=listener.server_address[1])  # type: ignore[attr-defined]
        thread = Thread(target=listener.serve_forever, daemon=True)
        thread.start()
        yield box
        listener.shutdown()
        thread.join()
