"""An SMTP server that notes each mail it takes, durably, before it says so, at a steady pace.

It knows what fast clients say: pipelined commands (RFC 2920) and chunks (RFC 3030). What it has read to its end
it takes, even if the client is dead by then, as real servers do.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys

END = b"\r\n.\r\n"
OK = b"250 2.0.0 Ok\r\n"
EXTENSIONS = b"250-sink\r\n250-PIPELINING\r\n250-CHUNKING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES\r\n"
RECIPIENT = re.compile(rb"TO:\s*<([^>]*)>", re.IGNORECASE)


class Book:
    """One line for each mail, and the pace at which mails are taken: some a second, 0 for all at once."""

    def __init__(self, path: str, pace: float) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.gap = 1 / pace if pace else 0.0
        self.next_at = 0.0

    async def take(self, recipient: str) -> None:
        now = asyncio.get_running_loop().time()
        self.next_at = max(self.next_at, now) + self.gap
        # Shorter naps than this are not worth waking up for.
        if self.next_at - now > 0.002:
            await asyncio.sleep(self.next_at - now)
        os.write(self.file, f"{recipient}\n".encode())


async def converse(book: Book, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 sink ESMTP\r\n")
    recipient = ""
    try:
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"RCPT" and (named := RECIPIENT.search(line)):
                recipient = named[1].decode()
            elif verb == b"DATA":
                writer.write(b"354 Go on\r\n")
                await reader.readuntil(END)
                await book.take(recipient)
            elif verb == b"BDAT":
                _verb, size, *last = line.split()
                await reader.readexactly(int(size))
                if last:
                    await book.take(recipient)
            writer.write(EXTENSIONS if verb == b"EHLO" else OK)
            if verb == b"QUIT":
                break
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def serve(port: int, book: Book) -> None:
    server = await asyncio.start_server(
        lambda reader, writer: converse(book, reader, writer), "127.0.0.1", port, limit=1 << 22
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Book(sys.argv[2], float(sys.argv[3]))))
