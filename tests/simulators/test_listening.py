"""Servers of simulators and tests end quietly, whoever is just about to connect."""

import asyncio
import socket
from typing import Any

from aiohttp import web
import pytest

from .listening import HOST, WebServer, port_of, refuse


@pytest.mark.parametrize("turns", range(5))
async def test_a_client_comes_when_it_closes(socket_enabled: None, turns: int) -> None:
    """The connection is made or refused; nothing fails in the event loop."""
    loop = asyncio.get_running_loop()
    loop.set_debug(True)  # else it says nothing of failed connections
    failed: list[dict[str, Any]] = []
    loop.set_exception_handler(lambda _, context: failed.append(context))

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(talk, HOST, 0)
    port = port_of(server)
    with socket.create_connection((HOST, port)):
        for _ in range(turns):
            await asyncio.sleep(0)
        await refuse(server)
        await asyncio.sleep(0.01)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port))
    assert not failed


async def test_the_port_is_free_again(socket_enabled: None) -> None:
    """What was stopped can be started again at its port."""
    server = WebServer(web.Application())
    await server.start()
    await server.stop()
    await server.stop()
    async with WebServer(web.Application()) as other:
        assert other.port
        await server.start(server.port)
        await server.stop()
