"""A device's WebSocket: what is heard of it, and how it ends."""

import asyncio
from contextlib import aclosing

import aiohttp
import pytest

from custom_components.wattbus.errors import ConnectError, Reason
from custom_components.wattbus.transports import http
from custom_components.wattbus.transports.http import HttpClient, basic_authorization
from homeassistant.core import HomeAssistant

from ...harness.ports import free_port
from ...simulators.listening import HOST
from .conftest import Device


async def hear(client: HttpClient, path: str, silence: float = 5) -> list[bytes]:
    """Listen until the end."""
    async with aclosing(client.messages(path, silence)) as messages:
        return [message async for message in messages]


async def test_messages(hass: HomeAssistant, device: Device) -> None:
    headers = basic_authorization("admin", "secret")
    client = HttpClient(hass, HOST, device.port, headers=headers)
    assert await hear(client, "/socket?say=one&say=two") == [b"one", b"two"]
    assert device.requests[0].headers["Authorization"] == headers["Authorization"]


@pytest.mark.parametrize(
    ("path", "reason", "detail"),
    [
        ("/401", Reason.INVALID_AUTH, ""),
        ("/404", Reason.NOT_FOUND, "/404"),
        ("/503", Reason.BAD_ANSWER, "HTTP 503"),
        ("/values", Reason.BAD_ANSWER, "HTTP 200"),
        ("/hangs-up", Reason.BAD_ANSWER, "Server disconnected"),
        ("/silent", Reason.TIMEOUT, ""),
        ("/socket?silent=1", Reason.TIMEOUT, ""),
        ("/socket?say=x&times=2000000", Reason.BAD_ANSWER, "exceeds limit"),
    ],
)
async def test_a_websocket_that_is_of_no_use(
    hass: HomeAssistant,
    device: Device,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    reason: Reason,
    detail: str,
) -> None:
    monkeypatch.setattr(http, "_TIMEOUT", aiohttp.ClientTimeout(total=0.3))
    with pytest.raises(ConnectError) as error:
        await hear(HttpClient(hass, HOST, device.port), path, 0.2)
    assert error.value.reason is reason
    assert error.value.host == HOST
    assert detail in error.value.detail


async def test_a_websocket_whose_end_is_missing(
    hass: HomeAssistant, device: Device
) -> None:
    """What came before the connection broke is heard."""
    client = HttpClient(hass, HOST, device.port)
    async with aclosing(client.messages("/socket?say=one&hang-up=1", 5)) as messages:
        assert await anext(messages) == b"one"
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
        assert await anext(messages) == b"one"
    request = device.requests[0]
    async with asyncio.timeout(3):
        while request.transport is not None and not request.transport.is_closing():
            await asyncio.sleep(0.01)
