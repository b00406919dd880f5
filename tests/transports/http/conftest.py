"""A device with a web interface, with TLS too, and what it refuses."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
import gzip
from pathlib import Path
import ssl
from typing import Any

from aiohttp import web
import pytest

from custom_components.wattbus.errors import ConnectError
from custom_components.wattbus.transports import http
from custom_components.wattbus.transports.http import HttpClient
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...harness.certificates import create_certificates
from ...simulators.listening import HOST, WebServer


class Device:
    """A web interface, and what was asked of it."""

    def __init__(self) -> None:
        """Start with no request seen."""
        self.port = 0
        self.requests: list[web.Request] = []
        self.bodies: list[str] = []
        # The session that it lets in, beside its form; None: everybody.
        self.session: str | None = None
        self.log_ins = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer as the path asks for."""
        self.requests.append(request)
        self.bodies.append(await request.text())
        if request.path == "/login":
            return await self._log_in(request)
        if self.session not in (None, request.cookies.get("session")):
            if request.path == "/page":
                raise web.HTTPFound("/login/?next=page")
            return web.Response(status=401)
        match request.path.strip("/"):
            case "socket":
                return await self._socket(request)
            case "values":
                return web.json_response({"power": 1})
            case "large":
                return web.Response(body=b"x" * http.LARGEST_ANSWER)
            case "too-large":
                return web.Response(body=b"x" * (http.LARGEST_ANSWER + 1))
            case "bomb":
                return web.Response(
                    body=gzip.compress(b"\0" * 50_000_000),
                    headers={"Content-Encoding": "gzip"},
                )
            case "endless":
                return await self._endless(request)
            case "silent":
                await asyncio.sleep(0.5)
            case "elsewhere":
                raise web.HTTPFound("/values")
            case "encrypted":
                raise web.HTTPFound("HTTPS://device/encrypted")
            case "made":  # what was asked for, somewhere else, and no redirect
                return web.Response(status=201, headers={"Location": "https://x/"})
            case "hangs-up":
                assert request.transport is not None
                request.transport.close()
            case status if status.isdigit():
                return web.Response(status=int(status))
        return web.Response(status=404)

    async def _log_in(self, request: web.Request) -> web.Response:
        self.log_ins += 1
        if (await request.json()).get("pass") != "secret":
            return web.Response(status=401)
        assert self.session is not None
        response = web.Response()
        response.set_cookie("session", self.session, httponly=True)
        response.set_cookie("language", "de")
        return response

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        """Say what the address asks for, and close or be silent."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_bytes(b"no text")
        for message in request.query.getall("say", []):
            await socket.send_str(message * int(request.query.get("times", "1")))
        if "silent" in request.query:
            await socket.receive()
        elif "hang-up" in request.query:
            assert request.transport is not None
            request.transport.abort()
        return socket

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65536)


async def _serve(
    device: Device, context: ssl.SSLContext | None = None
) -> AsyncGenerator[Device]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", device.answer)
    async with WebServer(app, context) as server:
        device.port = server.port
        yield device


@pytest.fixture
async def device(socket_enabled: None) -> AsyncGenerator[Device]:
    """Run a web interface."""
    async for running in _serve(Device()):
        yield running


@pytest.fixture
async def tls_device(socket_enabled: None, tmp_path: Path) -> AsyncGenerator[Device]:
    """Run a web interface with a certificate of its own making."""
    files = create_certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    async for running in _serve(Device(), context):
        yield running


@pytest.fixture
def tls_port(socket_enabled: None) -> Iterator[int]:
    """Give a port with TLS of another process: a failed handshake is none of ours."""
    with Broker(tls=True) as running:
        assert running.tls_port
        yield running.tls_port


async def refusal(
    hass: HomeAssistant, port: int, path: str, host: str = HOST, **more: Any
) -> ConnectError:
    """Ask in vain, and give the reason."""
    with pytest.raises(ConnectError) as raised:
        await HttpClient(hass, host, port, **more).get(path)
    assert raised.value.host == host
    return raised.value
