"""A long wire: whatever comes goes on some milliseconds later, in both directions.

python -m bench.far_ends.proxy PORT TARGET_PORT MILLISECONDS_EACH_WAY
"""

from __future__ import annotations

import asyncio
import sys

HOST = "127.0.0.1"


class End(asyncio.Protocol):
    def __init__(self, delay: float, other: End | None = None) -> None:
        self.delay = delay
        self.other = other
        # What came before the other end was reached.
        self.early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self.other:
            asyncio.get_running_loop().call_later(self.delay, self.other.transport.write, data)
        else:
            self.early.append(data)

    def connection_lost(self, error: Exception | None) -> None:
        if self.other:
            asyncio.get_running_loop().call_later(self.delay, self.other.transport.close)


class NearEnd(End):
    """The client's, which opens the other one."""

    def __init__(self, delay: float, target: int) -> None:
        super().__init__(delay)
        self.target = target

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.reaching = asyncio.create_task(self.reach())

    async def reach(self) -> None:
        loop = asyncio.get_running_loop()
        _transport, self.other = await loop.create_connection(lambda: End(self.delay, self), HOST, self.target)
        for data in self.early:
            self.data_received(data)
        if self.transport.is_closing():
            self.connection_lost(None)


async def serve(port: int, target: int, delay: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: NearEnd(delay, target), HOST, port, backlog=256)
    await server.serve_forever()


if __name__ == "__main__":
    near, far, milliseconds = map(int, sys.argv[1:])
    asyncio.run(serve(near, far, milliseconds / 1000))
