"""MQTT over WebSocket: the same connection by another way, through proxies, too."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
import socket
from typing import Any

from aiohttp import web
import pytest

from custom_components.wattbus.errors import Reason
from custom_components.wattbus.transports.mqtt import (
    BrokerSettings,
    broker as transport,
)
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import until
from ...simulators.listening import WebServer, tcp_server
from .conftest import Connect, Inbox, nothing_left, refusal, settings, silent_server

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def ws_broker(socket_enabled: None) -> Iterator[Broker]:
    """Run a broker that has WebSocket listeners, with TLS and without."""
    with Broker(tls=True, websockets=True) as running:
        yield running


def over(port: int | None, **changes: Any) -> BrokerSettings:
    """Give the settings for a WebSocket."""
    assert port
    data = {"host": "127.0.0.1", "port": port, "transport": "websockets"}
    return BrokerSettings.from_data(data | changes)


@asynccontextmanager
async def proxy(broker: Broker, **options: Any) -> AsyncGenerator[int]:
    """Run a web server that passes /mqtt on to a broker, as nginx is made to."""

    async def pass_on(request: web.Request) -> web.WebSocketResponse:
        client = web.WebSocketResponse(protocols=("mqtt",), max_msg_size=0, **options)
        await client.prepare(request)
        reader, writer = await asyncio.open_connection(broker.host, broker.port)

        async def back() -> None:
            while data := await reader.read(1000):
                await client.send_bytes(data)
            await client.close()

        task = asyncio.create_task(back())
        async for message in client:
            writer.write(message.data)
            await writer.drain()
        writer.close()
        await task
        return client

    app = web.Application()
    app.router.add_get("/mqtt", pass_on)
    async with WebServer(app) as server:
        yield server.port


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
async def test_it_is_like_any_other_connection(
    hass: HomeAssistant, ws_broker: Broker, connect: Connect, protocol: str
) -> None:
    other, there = await connect(settings(ws_broker)), Inbox()
    await other.subscribe("there", there)
    async with nothing_left():
        client = transport.BrokerClient(
            hass, over(ws_broker.ws_port, protocol=protocol)
        )
        await client.start()
        here = Inbox()
        await client.subscribe("here", here)
        await client.publish("there", b"1")
        await other.publish("here", b"x" * 20_000)
        assert (await there.wait())[0].payload == b"1"
        assert len((await here.wait())[0].payload) == 20_000
        await client.stop()
    assert not client.connected


async def test_over_tls(ws_broker: Broker, connect: Connect) -> None:
    assert ws_broker.ca_file
    ca = ws_broker.ca_file.read_text()
    client = await connect(over(ws_broker.wss_port, tls=True, ca=ca))
    inbox = Inbox()
    await client.subscribe("a", inbox)
    await client.publish("a", "x" * 100_000)
    assert len((await inbox.wait())[0].payload) == 100_000


async def test_over_tls_that_is_not_trusted(
    hass: HomeAssistant, ws_broker: Broker
) -> None:
    error = await refusal(hass, over(ws_broker.wss_port, tls=True))
    assert error.reason is Reason.TLS_UNTRUSTED
    error = await refusal(hass, over(ws_broker.ws_port, tls=True))
    assert error.reason is Reason.TLS_FAILED
    error = await refusal(hass, over(ws_broker.wss_port))
    assert error.reason is Reason.NO_WEBSOCKET


async def test_a_large_message_on_a_slow_line(
    ws_broker: Broker, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paho 2.1.0 drops a packet of which the socket takes only a part, and goes on."""
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT", 5)
    client = await connect(over(ws_broker.ws_port))
    inner: Any = client._client
    wrapper = inner._client.socket()
    wrapper._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    other, inbox = await connect(settings(ws_broker)), Inbox()
    await other.subscribe("a", inbox)
    for count in range(3):
        await client.publish("a", b"x" * 300_000)
        await client.publish("a", str(count))
    messages = await inbox.wait(6)
    assert [len(item.payload) for item in messages] == [300_000, 1] * 3
    assert client.connected


async def test_a_wrong_password_is_named(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    with Broker(websockets=True, username="user", password="right") as broker:
        wanted = over(broker.ws_port, username="user", password="wrong")
        error = await refusal(hass, wanted)
    assert error.reason is Reason.INVALID_AUTH


async def test_the_broker_restarts(ws_broker: Broker, connect: Connect) -> None:
    client = await connect(over(ws_broker.ws_port))
    inbox = Inbox()
    await client.subscribe("a", inbox)
    async with nothing_left():
        for count in range(1, 4):
            ws_broker.stop()
            await until(lambda: not client.connected)
            await asyncio.sleep(0.1)  # some attempts fail
            ws_broker.start()
            await until(lambda: client.connected)
            await client.publish("a", str(count))
            await inbox.wait(count)


async def test_a_broker_that_freezes(
    ws_broker: Broker, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "KEEPALIVE", 1)
    client = await connect(over(ws_broker.ws_port))
    ws_broker.process.freeze()
    try:
        await until(lambda: not client.connected, timeout=6)
    finally:
        ws_broker.process.freeze(False)
    await until(lambda: client.connected)


async def test_through_a_proxy_by_its_path_alone(
    hass: HomeAssistant, broker: Broker, connect: Connect
) -> None:
    """Without a path it is /mqtt, and a missing slash is put in front."""
    async with proxy(broker) as port:
        for path in ("", "mqtt", "/mqtt"):
            client = await connect(over(port, ws_path=path))
            assert client.connected
            await client.stop()
        error = await refusal(hass, over(port, ws_path="/other"))
    assert error.reason is Reason.NO_WEBSOCKET


async def test_a_proxy_that_pings(broker: Broker, connect: Connect) -> None:
    async with proxy(broker, heartbeat=0.1) as port:
        client = await connect(over(port))
        inbox = Inbox()
        await client.subscribe("a", inbox)
        await asyncio.sleep(0.4)
        await client.publish("a", b"1")
        await inbox.wait()
        assert client.connected
        await client.stop()


async def test_a_proxy_whose_broker_goes(broker: Broker, connect: Connect) -> None:
    async with proxy(broker) as port:
        client = await connect(over(port))
        broker.stop()
        await until(lambda: not client.connected)
        broker.start()
        await until(lambda: client.connected)
        await client.stop()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept:x\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept: \xff\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nSec-WebSocket-Accept: x\r\n\r\n",
        b"\r\n",
        b"",
    ],
)
async def test_a_server_that_speaks_no_websocket(
    hass: HomeAssistant, socket_enabled: None, answer: bytes
) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert (await reader.readline()).startswith(b"GET /mqtt HTTP/1.1")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with tcp_server(talk) as port:
        error = await refusal(hass, over(port))
    assert error.reason is Reason.NO_WEBSOCKET


async def test_the_other_transport_at_the_port(
    hass: HomeAssistant, ws_broker: Broker
) -> None:
    error = await refusal(hass, over(ws_broker.port))
    assert error.reason is Reason.NO_WEBSOCKET
    error = await refusal(hass, settings(ws_broker, port=ws_broker.ws_port))
    assert error.reason is Reason.BROKER_REJECTED


async def test_a_server_that_never_answers(
    hass: HomeAssistant, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "KEEPALIVE", 1)  # paho's limit for the handshake
    with silent_server() as port:
        error = await refusal(hass, over(port))
    assert error.reason is Reason.TIMEOUT
