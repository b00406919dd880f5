"""Servers of simulators and tests, which end without tripping over a new client.

They add no rule of a device: whoever comes is served, by as many connections as he
likes, for as long as he likes. What a device refuses, leaves unanswered or serves one at
a time is the simulator's. Once ended, they refuse who comes, and cut off who is there.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from ssl import SSLContext
from typing import Self

from aiohttp import web

HOST = "127.0.0.1"

type Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def refuse(server: asyncio.Server) -> None:
    """Accept no more clients; those that have come stay.

    A connection that is accepted in the very turn in which its server is closed makes
    asyncio fail (`Server._attach` asserts that there are sockets), so it comes first.
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    await asyncio.sleep(0)
    server.close()


@asynccontextmanager
async def tcp_server(talk: Talk) -> AsyncGenerator[int]:
    """Let each client talk to a function; gives the port."""
    server = await asyncio.start_server(talk, HOST, 0)
    try:
        yield port_of(server)
    finally:
        await refuse(server)


def port_of(server: asyncio.Server) -> int:
    """Return where a server listens."""
    return int(server.sockets[0].getsockname()[1])


class WebServer:
    """A web application at a port.

    Attributes:
        port: Where it listens, or did; 0 before.
    """

    def __init__(self, app: web.Application, context: SSLContext | None = None) -> None:
        """Serve an application, with a context over TLS."""
        self.port = 0
        self._app = app
        self._context = context
        self._runner: web.AppRunner | None = None
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        """Listen."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    async def start(self, port: int = 0, host: str = HOST) -> None:
        """Listen; 0 lets the operating system choose."""
        self._runner = web.AppRunner(self._app, access_log=None)
        await self._runner.setup()
        assert self._runner.server is not None
        self._server = await asyncio.get_running_loop().create_server(
            self._runner.server, host, port, ssl=self._context
        )
        self.port = port_of(self._server)

    async def stop(self) -> None:
        """Refuse connections and end those that are open."""
        if self._server is not None and self._runner is not None:
            await refuse(self._server)
            await self._runner.cleanup()
            self._server = self._runner = None
