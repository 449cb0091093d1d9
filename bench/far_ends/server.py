"""An SMTP server that takes everything and keeps nothing.

python -m bench.far_ends.server PORT MILLISECONDS [chunking]

It knows what clients say that want to be fast: pipelined commands (RFC 2920), and if told so CHUNKING (RFC 3030).
So many milliseconds pass until an answer leaves, as over a long wire: each was due when what it answers had arrived.
It shares the machine with those who are measured, so it touches of their mails what it must: of chunks nothing.
"""

from __future__ import annotations

import selectors
import socket
import sys
import time
from collections import deque
from contextlib import suppress
from typing import NoReturn

HOST = "127.0.0.1"
END = b"\r\n.\r\n"
GREETING = b"220 sink ESMTP\r\n"
EXTENSIONS = (b"PIPELINING", b"8BITMIME", b"ENHANCEDSTATUSCODES")
OK = b"250 2.0.0 Ok\r\n"
BYE = b"221 2.0.0 Bye\r\n"
ANSWERS = {
    **dict.fromkeys((b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"), OK),
    b"DATA": b"354 End data with <CR><LF>.<CR><LF>\r\n",
    b"QUIT": BYE,
}
# To read at once: room for the commands between two mails and for little more, since a chunk may follow; or a content.
COMMANDS, CONTENT = 512, 262_144
# Nothing is ever written here: the kernel only wants to know where it would be.
NOWHERE = bytearray(CONTENT)


class Session:
    def __init__(self, line: socket.socket, extensions: tuple[bytes, ...]) -> None:
        self.answers = ANSWERS | {b"EHLO": b"250-sink\r\n250-" + b"\r\n250-".join(extensions) + b"\r\n250 HELP\r\n"}
        if b"CHUNKING" in extensions:
            self.answers[b"BDAT"] = OK
        self.line = line
        self.unread = bytearray()
        self.is_reading_mail = self.is_reading_chunk = False
        # Of a chunk whose octets are still arriving.
        self.missing = 0
        line.setblocking(False)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def turn(self) -> tuple[bytes, bool]:
        """The answers to all that has arrived, and whether nothing more will come."""
        answers: list[bytes] = []
        is_over = False
        with suppress(BlockingIOError):
            while not is_over:
                is_over = not self._hear()
                answers += iter(self._answer, None)
        return b"".join(answers), is_over or BYE in answers

    def _hear(self) -> int:
        """How many octets came; those of a chunk are only counted."""
        if self.missing:
            came = self.line.recv_into(NOWHERE, min(self.missing, CONTENT), socket.MSG_TRUNC)
            self.missing -= came
            return came
        data = self.line.recv(CONTENT if self.is_reading_mail else COMMANDS)
        self.unread += data
        return len(data)

    def _answer(self) -> bytes | None:
        """To what has arrived completely; None if nothing has."""
        if self.is_reading_chunk:
            return self._chunk_answer()
        return self._mail_answer() if self.is_reading_mail else self._command_answer()

    def _mail_answer(self) -> bytes | None:
        """Of what came only what may begin the end is kept."""
        end = self.unread.find(END)
        if end < 0:
            del self.unread[: -len(END)]
            return None
        del self.unread[: end + len(END)]
        self.is_reading_mail = False
        return OK

    def _chunk_answer(self) -> bytes | None:
        came = min(self.missing, len(self.unread))
        del self.unread[:came]
        self.missing -= came
        self.is_reading_chunk = self.missing > 0
        return None if self.missing else OK

    def _command_answer(self) -> bytes | None:
        end = self.unread.find(b"\n")
        if end < 0:
            return None
        verb, _space, words = bytes(self.unread[:end]).strip().partition(b" ")
        verb = verb.upper()
        del self.unread[: end + 1]
        if verb == b"DATA":
            self.is_reading_mail = True
            # So that a mail whose first line is the dot ends like any other.
            self.unread[:0] = b"\r\n"
        elif verb == b"BDAT" and verb in self.answers:
            self.is_reading_chunk, self.missing = True, int(words.split()[0])
            return self._chunk_answer()
        return self.answers.get(verb, b"502 5.5.1 Unknown\r\n")


class Server:
    def __init__(self, port: int, seconds: float, extensions: tuple[bytes, ...]) -> None:
        self.seconds, self.extensions = seconds, extensions
        self.watched = selectors.DefaultSelector()
        self.door = socket.create_server((HOST, port), backlog=256)
        self.watched.register(self.door, selectors.EVENT_READ)
        # When it leaves, to whom, and whether it is the last.
        self.under_way: deque[tuple[float, Session, bytes, bool]] = deque()

    def serve(self) -> NoReturn:
        while True:
            wait = max(0.0, self.under_way[0][0] - time.monotonic()) if self.under_way else None
            for key, _events in self.watched.select(wait):
                if key.fileobj is self.door:
                    self._welcome()
                else:
                    self._hear(key.data)
            while self.under_way and self.under_way[0][0] <= time.monotonic():
                self._say(*self.under_way.popleft()[1:])

    def _welcome(self) -> None:
        line, _address = self.door.accept()
        session = Session(line, self.extensions)
        self.watched.register(line, selectors.EVENT_READ, session)
        self._answer(session, GREETING)

    def _hear(self, session: Session) -> None:
        try:
            words, is_over = session.turn()
        except OSError:
            words, is_over = b"", True
        if is_over:
            self.watched.unregister(session.line)
        if words or is_over:
            self._answer(session, words, is_last=is_over)

    def _answer(self, session: Session, words: bytes, *, is_last: bool = False) -> None:
        self.under_way.append((time.monotonic() + self.seconds, session, words, is_last))

    def _say(self, session: Session, words: bytes, is_last: bool) -> None:
        # The client may be gone, or not read the few answers that it gets.
        with suppress(OSError):
            session.line.send(words)
        if is_last:
            session.line.close()


if __name__ == "__main__":
    words = [word.upper().encode() for word in sys.argv[3:]]
    Server(int(sys.argv[1]), int(sys.argv[2]) / 1000, (*EXTENSIONS, *words)).serve()
