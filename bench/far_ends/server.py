"""An SMTP server that takes everything and keeps nothing: `python -m bench.far_ends.server PORT [chunking]`.

It knows what clients say that want to be fast: pipelined commands (RFC 2920), and if told so CHUNKING (RFC 3030).
"""

from __future__ import annotations

import asyncio
import sys

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


class Session(asyncio.Protocol):
    def __init__(self, extensions: tuple[bytes, ...]) -> None:
        self.answers = ANSWERS | {b"EHLO": b"250-sink\r\n250-" + b"\r\n250-".join(extensions) + b"\r\n250 HELP\r\n"}
        if b"CHUNKING" in extensions:
            self.answers[b"BDAT"] = OK
        self.unread = bytearray()
        self.is_reading_mail = False
        # Of a chunk whose octets are still arriving.
        self.missing = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        self.unread += data
        answers = list(iter(self._answer, None))
        self.transport.write(b"".join(answers))
        if BYE in answers:
            self.transport.close()

    def _answer(self) -> bytes | None:
        """To what has arrived completely; None if nothing has."""
        if self.missing:
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
            self.missing = int(words.split()[0])
            if self.missing:
                return self._chunk_answer()
        return self.answers.get(verb, b"502 5.5.1 Unknown\r\n")


async def serve(port: int, extensions: tuple[bytes, ...]) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Session(extensions), "127.0.0.1", port, backlog=256)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), EXTENSIONS + tuple(word.upper().encode() for word in sys.argv[2:])))
