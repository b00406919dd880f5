"""The inside of aiomqtt and paho that we use: here it shows if a new version lacks it."""

import asyncio
from importlib.metadata import version
from pathlib import Path
from typing import Any, cast

import aiomqtt
from packaging.requirements import Requirement
from paho.mqtt import client as paho
import pytest

from custom_components.wattbus.transports.mqtt.session import Client
import homeassistant
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...texts import INTEGRATION, read_json
from .conftest import Connect
from .test_websocket import over, ws_broker  # noqa: F401 # a fixture


def test_the_pin_is_exact_and_home_assistant_allows_it() -> None:
    """What is written for one version is not run with another, and can be installed."""
    (pin,) = map(Requirement, read_json(INTEGRATION / "manifest.json")["requirements"])
    assert pin.name == "aiomqtt"
    assert [item.operator for item in pin.specifier] == ["=="]
    assert pin.specifier.contains(version("aiomqtt"))
    assert homeassistant.__file__
    lines = Path(homeassistant.__file__).with_name("package_constraints.txt")
    for line in lines.read_text("utf-8").splitlines():
        if line.startswith(("aiomqtt", "paho-mqtt")):
            allowed = Requirement(line)
            assert allowed.specifier.contains(version(allowed.name)), line


async def test_aiomqtt_has_what_is_used() -> None:
    client = Client("127.0.0.1")
    assert isinstance(client._connected, asyncio.Future)
    assert isinstance(client._disconnected, asyncio.Future)
    inner = client._client
    assert isinstance(inner, paho.Client)
    assert inner.on_disconnect == client._on_disconnect
    assert inner.on_socket_open == client._on_socket_open
    for name in ("_client_connect", "_on_disconnect", "_on_socket_open"):
        assert name in vars(aiomqtt.Client), name
    inner._sock_close()  # does no harm without a socket


async def test_paho_has_what_is_used(
    hass: HomeAssistant,
    ws_broker: Broker,  # noqa: F811 # the fixture
    connect: Connect,
) -> None:
    """A frame that does not fit is waited for, and answers to pings have a mask.

    paho 2.1.0 drops the one, and RFC 6455, 5.1, has servers hang up at the other.
    """
    client = await connect(over(ws_broker.ws_port))
    wrapper: Any = cast(Any, client._client)._client.socket()
    assert isinstance(wrapper, paho._WebsocketWrapper)
    assert {"send", "_create_frame"} <= vars(wrapper).keys(), "neither is mended"
    pong = wrapper._create_frame(wrapper.OPCODE_PONG, bytearray(b"hi"), 0)
    assert pong[1] & 0x80
    assert len(pong) == 2 + 4 + 2

    class Full:
        """A socket that takes nothing."""

        def send(self, data: bytes) -> int:
            """Take nothing."""
            return 0

    real, wrapper._socket = wrapper._socket, Full()
    try:
        with pytest.raises(BlockingIOError):
            wrapper.send(b"1")
    finally:
        wrapper._socket = real
        wrapper._sendbuffer.clear()
