"""A device's web interface: what it may answer, and what becomes of it."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
import gzip
from pathlib import Path
import socket
import ssl
from typing import Any

import aiohttp
from aiohttp import web
import pytest

from custom_components.wattbus.errors import ConnectError, Reason
from custom_components.wattbus.transports import http
from custom_components.wattbus.transports.http import (
    DONE,
    Answer,
    HttpClient,
    Login,
    basic_authorization,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import aiohttp_client

from ..harness.broker import Broker
from ..harness.certificates import create_certificates
from ..harness.ports import free_port
from ..simulators.listening import HOST, WebServer, tcp_server

# Taken before the test plugin replaces it by one that knows no host but loopback.
GETADDRINFO = socket.getaddrinfo


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
                raise web.HTTPFound("/login?next=page")
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


async def test_an_answer_is_given_as_it_came(
    hass: HomeAssistant, device: Device
) -> None:
    client = HttpClient(
        hass, HOST, device.port, headers={"Authorization": "Bearer token"}
    )
    for _ in range(2):
        assert await client.get("/values") == b'{"power": 1}'
    assert [item.headers["Authorization"] for item in device.requests] == [
        "Bearer token"
    ] * 2


async def test_the_largest_answer(hass: HomeAssistant, device: Device) -> None:
    answer = await HttpClient(hass, HOST, device.port).get("/large")
    assert len(answer) == http.LARGEST_ANSWER


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/401", Reason.INVALID_AUTH),
        ("/403", Reason.INVALID_AUTH),
        ("/404", Reason.NOT_FOUND),
        ("/500", Reason.BAD_ANSWER),
        ("/204", Reason.BAD_ANSWER),
        ("/too-large", Reason.BAD_ANSWER),
        ("/bomb", Reason.BAD_ANSWER),
        ("/endless", Reason.BAD_ANSWER),
        ("/hangs-up", Reason.BAD_ANSWER),
    ],
)
async def test_an_answer_that_is_of_no_use(
    hass: HomeAssistant, device: Device, path: str, reason: Reason
) -> None:
    assert (await refusal(hass, device.port, path)).reason is reason


async def test_a_redirect_is_not_followed(hass: HomeAssistant, device: Device) -> None:
    """Wherever it leads, the credentials are not for there."""
    error = await refusal(hass, device.port, "/elsewhere")
    assert error.reason is Reason.BAD_ANSWER
    assert error.detail == "HTTP 302"
    assert len(device.requests) == 1


async def test_a_device_that_is_silent(
    hass: HomeAssistant, device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_TIMEOUT", aiohttp.ClientTimeout(total=0.1))
    assert (await refusal(hass, device.port, "/silent")).reason is Reason.TIMEOUT


async def test_a_port_that_nobody_listens_on(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    assert (await refusal(hass, free_port(), "/")).reason is Reason.REFUSED


async def test_a_server_that_speaks_something_else(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"SSH-2.0-OpenSSH\r\n")
        writer.close()

    async with tcp_server(talk) as port:
        assert (await refusal(hass, port, "/")).reason is Reason.BAD_ANSWER


@pytest.mark.parametrize(
    "host", ["nowhere.invalid", "", "a b", "http://device", "a..b", "a" * 64]
)
async def test_a_host_that_nobody_knows(
    hass: HomeAssistant,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
) -> None:
    # The test plugin keeps names from being looked up.
    monkeypatch.setattr(socket, "getaddrinfo", GETADDRINFO)
    monkeypatch.setattr(aiohttp_client, "_async_make_resolver", lambda _: _Resolver())
    error = await refusal(hass, 80, "/", host)
    assert error.reason is Reason.HOST_UNKNOWN


class _Resolver(aiohttp.ThreadedResolver):
    """Asks the system."""

    async def real_close(self) -> None:
        """Have nothing to close."""


@pytest.mark.parametrize(
    ("host", "tls", "address"),
    [
        ("192.0.2.1", False, "http://192.0.2.1:80"),
        ("em420.local", True, "https://em420.local:80"),
        ("2001:db8::1", False, "http://[2001:db8::1]:80"),
    ],
)
async def test_names_and_addresses(
    hass: HomeAssistant, host: str, tls: bool, address: str
) -> None:
    assert HttpClient(hass, host, 80, tls=tls).url == address


async def test_tls_with_a_certificate_of_nobody_known(
    hass: HomeAssistant, tls_port: int
) -> None:
    error = await refusal(hass, tls_port, "/values", tls=True)
    assert error.reason is Reason.TLS_UNTRUSTED


async def test_tls_without_verification(
    hass: HomeAssistant, tls_device: Device
) -> None:
    client = HttpClient(hass, HOST, tls_device.port, tls=True, verify=False)
    assert await client.get("/values") == b'{"power": 1}'


async def test_tls_on_a_port_without(hass: HomeAssistant, device: Device) -> None:
    error = await refusal(hass, device.port, "/values", tls=True)
    assert error.reason is Reason.TLS_FAILED


async def test_no_tls_on_a_port_with(hass: HomeAssistant, tls_port: int) -> None:
    error = await refusal(hass, tls_port, "/values")
    assert error.reason is Reason.BAD_ANSWER


async def test_a_token_that_no_header_can_carry(
    hass: HomeAssistant, device: Device
) -> None:
    """Pasted with a line break in it, say."""
    error = await refusal(
        hass, device.port, "/values", headers={"Authorization": "Bearer a\nb"}
    )
    assert error.reason is Reason.INVALID_AUTH
    assert not device.requests


async def test_the_token_is_in_no_error(hass: HomeAssistant, device: Device) -> None:
    headers = {"Authorization": "Bearer secret"}
    for path in ("/401", "/500", "/hangs-up"):
        error = await refusal(hass, device.port, path, headers=headers)
        assert "secret" not in f"{error} {error.detail}"


# --- commands -----------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_commands(hass: HomeAssistant, device: Device, method: str) -> None:
    client = HttpClient(hass, HOST, device.port)
    answer = await client.request(method, "/values", json={"state": "active"})
    assert answer == Answer(200, b'{"power": 1}')
    assert device.requests[0].method == method
    assert device.requests[0].content_type == "application/json"
    assert device.bodies == ['{"state":"active"}']


async def test_a_form_and_parameters(hass: HomeAssistant, device: Device) -> None:
    client = HttpClient(hass, HOST, device.port)
    await client.request("POST", "/values", form={"mode": "2"})
    assert device.requests[0].content_type == "application/x-www-form-urlencoded"
    assert device.bodies == ["mode=2"]
    await client.request("GET", "/values", params={"rapi": "$FP 0 0 a+b&c"})
    assert device.requests[1].query == {"rapi": "$FP 0 0 a+b&c"}


async def test_an_answer_of_a_status_that_is_expected(
    hass: HomeAssistant, device: Device
) -> None:
    client = HttpClient(hass, HOST, device.port)
    assert await client.request("GET", "/500", accept={500}) == Answer(500, b"")
    assert (await client.request("POST", "/201", accept=DONE)).status == 201
    with pytest.raises(ConnectError) as error:
        await client.request("POST", "/400", accept=DONE)
    assert error.value.detail == "HTTP 400"


def test_basic_authorization() -> None:
    """Whatever is typed in can be sent, if not accepted."""
    assert basic_authorization("admin", "pass word") == {
        "Authorization": "Basic YWRtaW46cGFzcyB3b3Jk"
    }
    assert basic_authorization("a:b\n", "é")["Authorization"].isprintable()


# --- the login ----------------------------------------------------------------------


def with_login(hass: HomeAssistant, port: int, *, right: bool = True) -> HttpClient:
    """Give a client that can fill in the form."""
    password = "secret" if right else "wrong"
    login = Login("/login", {"user": "admin", "pass": password})
    headers = basic_authorization("admin", password)
    return HttpClient(hass, HOST, port, headers=headers, login=login)


@pytest.mark.parametrize("path", ["/values", "/page"])
async def test_login(hass: HomeAssistant, device: Device, path: str) -> None:
    """Refused, or led to the form: the client logs in, and asks again."""
    device.session = "first"
    client = with_login(hass, device.port)
    answer = await client.request("POST", path, json={}, accept={200, 404})
    assert answer.status == (200 if path == "/values" else 404)
    assert [item.path for item in device.requests] == [path, "/login", path]
    assert "secret" not in repr(client._login)


async def test_a_session_that_ends(hass: HomeAssistant, device: Device) -> None:
    client = with_login(hass, device.port)
    await client.get("/values")
    for session in ("first", "second"):
        device.session = session
        for _ in range(2):
            await client.get("/values")
    assert device.log_ins == 2


async def test_a_login_that_fails(hass: HomeAssistant, device: Device) -> None:
    """It is not tried again and again: the device counts the wrong ones."""
    device.session = "first"
    client = with_login(hass, device.port, right=False)
    for path in ("/values", "/page", "/values"):
        with pytest.raises(ConnectError) as error:
            await client.get(path)
        assert error.value.reason is Reason.INVALID_AUTH
        assert "wrong" not in f"{error.value} {error.value.detail}"
    assert device.log_ins == 1
    device.session = None
    await client.get("/values")


async def test_too_many_wrong_passwords(hass: HomeAssistant, device: Device) -> None:
    """Those that are right are always taken, so it is a wrong one."""
    assert (await refusal(hass, device.port, "/429")).reason is Reason.BAD_ANSWER
    with pytest.raises(ConnectError) as error:
        await with_login(hass, device.port).get("/429")
    assert error.value.reason is Reason.INVALID_AUTH


# --- the WebSocket ------------------------------------------------------------------


async def hear(client: HttpClient, path: str, silence: float = 5) -> list[str]:
    """Listen until the end."""
    async with aclosing(client.messages(path, silence)) as messages:
        return [message async for message in messages]


async def test_messages(hass: HomeAssistant, device: Device) -> None:
    headers = basic_authorization("admin", "secret")
    client = HttpClient(hass, HOST, device.port, headers=headers)
    assert await hear(client, "/socket?say=one&say=two") == ["one", "two"]
    assert device.requests[0].headers["Authorization"] == headers["Authorization"]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/401", Reason.INVALID_AUTH),
        ("/404", Reason.NOT_FOUND),
        ("/503", Reason.BAD_ANSWER),
        ("/values", Reason.BAD_ANSWER),
        ("/hangs-up", Reason.BAD_ANSWER),
        ("/silent", Reason.TIMEOUT),
        ("/socket?silent=1", Reason.TIMEOUT),
        ("/socket?say=x&times=2000000", Reason.BAD_ANSWER),
    ],
)
async def test_a_websocket_that_is_of_no_use(
    hass: HomeAssistant,
    device: Device,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    reason: Reason,
) -> None:
    monkeypatch.setattr(http, "_TIMEOUT", aiohttp.ClientTimeout(total=0.3))
    with pytest.raises(ConnectError) as error:
        await hear(HttpClient(hass, HOST, device.port), path, 0.2)
    assert error.value.reason is reason


async def test_a_websocket_whose_end_is_missing(
    hass: HomeAssistant, device: Device
) -> None:
    """What came before the connection broke is heard."""
    client = HttpClient(hass, HOST, device.port)
    async with aclosing(client.messages("/socket?say=one&hang-up=1", 5)) as messages:
        assert await anext(messages) == "one"
        with pytest.raises(ConnectError) as error:
            await anext(messages)
    assert error.value.reason is Reason.CONNECTION_LOST


async def test_a_websocket_on_a_port_that_nobody_listens_on(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    with pytest.raises(ConnectError) as error:
        await hear(HttpClient(hass, HOST, free_port()), "/socket")
    assert error.value.reason is Reason.REFUSED


async def test_a_listener_that_leaves(hass: HomeAssistant, device: Device) -> None:
    """The WebSocket does not stay open."""
    client = HttpClient(hass, HOST, device.port)
    async with (
        asyncio.timeout(3),
        aclosing(client.messages("/socket?say=one&silent=1", 5)) as messages,
    ):
        assert await anext(messages) == "one"
    request = device.requests[0]
    async with asyncio.timeout(3):
        while request.transport is not None and not request.transport.is_closing():
            await asyncio.sleep(0.01)
