"""An SMTP server that takes everything and keeps nothing: postfix's smtp-sink, or one of our own.

Ours knows what clients say that want to be fast: EHLO, MAIL, RCPT, DATA, RSET, NOOP and QUIT, pipelined (RFC 2920).
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services import free_port, unprivileged

PATIENCE_SECONDS = 10
END = b"\r\n.\r\n"
GREETING = b"220 sink ESMTP\r\n"
OK = b"250 2.0.0 Ok\r\n"
ANSWERS = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n",
    b"DATA": b"354 End data with <CR><LF>.<CR><LF>\r\n",
    b"QUIT": b"221 2.0.0 Bye\r\n",
}
KNOWN = frozenset({b"HELO", b"MAIL", b"RCPT", b"RSET", b"NOOP"})


def smtp_sink() -> str | None:
    """Unless SINK=own asks for ours."""
    return None if os.environ.get("SINK") == "own" else found("smtp-sink")


def smtp_source() -> str | None:
    return found("smtp-source")


def found(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")


@contextmanager
def open_sink(folder: Path) -> Iterator[str]:
    """Its host and port."""
    port = free_port()
    theirs = smtp_sink()
    command = [sys.executable, "-m", "bench.sink", str(port)]
    if theirs:
        # It refuses to go on as root, like PostgreSQL.
        owner = unprivileged()
        command = [theirs, *(["-u", owner.pw_name] if owner else []), f"127.0.0.1:{port}", "256"]
    with (folder / "sink.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for(port)
        yield f"127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if time.monotonic() > deadline:
            raise TimeoutError("The sink does not start.")
        time.sleep(0.05)


class Session(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.unread = bytearray()
        self.is_reading_mail = False
        transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        self.unread += data
        answers: list[bytes] = []
        while (answer := self._mail_answer() if self.is_reading_mail else self._command_answer()) is not None:
            answers.append(answer)
        self.transport.write(b"".join(answers))
        if ANSWERS[b"QUIT"] in answers:
            self.transport.close()

    def _mail_answer(self) -> bytes | None:
        """None if the end has not arrived yet. Of what came only what may begin the end is kept."""
        end = self.unread.find(END)
        if end < 0:
            del self.unread[: -len(END)]
            return None
        del self.unread[: end + len(END)]
        self.is_reading_mail = False
        return OK

    def _command_answer(self) -> bytes | None:
        end = self.unread.find(b"\n")
        if end < 0:
            return None
        verb = bytes(self.unread[:4]).upper()
        del self.unread[: end + 1]
        if verb == b"DATA":
            self.is_reading_mail = True
            # So that a mail whose first line is the dot ends like any other.
            self.unread[:0] = b"\r\n"
        return ANSWERS.get(verb) or (OK if verb in KNOWN else b"502 5.5.1 Unknown\r\n")


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Session, "127.0.0.1", port, backlog=256)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
