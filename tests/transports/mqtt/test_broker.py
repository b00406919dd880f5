"""A connection of our own to a broker: how it is made, and why it cannot be."""

import asyncio
import logging
from pathlib import Path
import socket
from typing import Any

import aiomqtt
import pytest

from custom_components.wattbus.errors import ConnectError, Reason
from custom_components.wattbus.transports.mqtt import (
    BrokerSettings,
    Message,
    broker as transport,
)
from custom_components.wattbus.transports.mqtt.broker import BrokerClient
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import until
from ...simulators.listening import tcp_server
from .conftest import (
    GETADDRINFO,
    Connect,
    Inbox,
    hangs_up,
    nothing_left,
    refusal,
    settings,
    silent_server,
)

pytestmark = pytest.mark.usefixtures("impatient")


# --- connecting ---------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
async def test_connects_and_hears_what_devices_say(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client, protocol: str
) -> None:
    async with nothing_left():
        client = BrokerClient(hass, settings(broker, protocol=protocol))
        assert not client.connected
        await client.start()
        assert client.connected
        assert not client.auth_refused
        inbox = Inbox()
        await client.subscribe("em420/+", inbox)
        await device.publish("em420/data", b"1")
        assert await inbox.wait() == [Message("em420/data", b"1", False)]
        await client.release()
        assert not client.connected
        await client.release()  # once more does no harm
    version = {"3.1.1": "p2", "5": "p5"}[protocol]
    assert f"({version}," in broker.log.rpartition("New client connected")[2]


async def test_the_chosen_client_id_is_used(broker: Broker, connect: Connect) -> None:
    await connect(settings(broker, client_id="wattbus-42"))
    assert " as wattbus-42 " in broker.log


async def test_the_right_password_opens(socket_enabled: None, connect: Connect) -> None:
    with Broker(username="user", password="right") as broker:
        client = await connect(settings(broker, username="user", password="right"))
        assert client.connected
        await client.stop()


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
@pytest.mark.parametrize("credentials", [{"username": "user", "password": "wrong"}, {}])
async def test_a_wrong_password_is_named(
    hass: HomeAssistant,
    socket_enabled: None,
    protocol: str,
    credentials: dict[str, str],
) -> None:
    with Broker(username="user", password="right") as broker:
        error = await refusal(hass, settings(broker, protocol=protocol, **credentials))
    assert error.reason is Reason.INVALID_AUTH
    assert error.is_auth
    assert "wrong" not in str(error) + error.detail


async def test_a_host_that_nobody_knows(
    hass: HomeAssistant, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", GETADDRINFO)
    error = await refusal(hass, BrokerSettings(host="nowhere.invalid", port=1883))
    assert error.reason is Reason.HOST_UNKNOWN
    assert error.host == "nowhere.invalid"


@pytest.mark.parametrize("host", ["", "a..b", f"{'a' * 64}.local"])
async def test_what_can_be_no_host(
    hass: HomeAssistant,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
) -> None:
    """Neither paho nor the system's resolver calls these an OSError."""
    monkeypatch.setattr(socket, "getaddrinfo", GETADDRINFO)
    error = await refusal(hass, BrokerSettings(host=host, port=1883))
    assert error.reason is Reason.HOST_UNKNOWN


async def test_a_port_that_nobody_listens_on(
    hass: HomeAssistant, broker: Broker
) -> None:
    broker.stop()
    error = await refusal(hass, settings(broker))
    assert error.reason is Reason.REFUSED


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
async def test_a_server_that_accepts_and_never_answers(
    hass: HomeAssistant, socket_enabled: None, protocol: str
) -> None:
    with silent_server() as port:
        wanted = BrokerSettings(host="127.0.0.1", port=port, protocol=protocol)
        error = await refusal(hass, wanted)
    assert error.reason is Reason.TIMEOUT


async def test_a_server_that_hangs_up_is_noticed_at_once(
    hass: HomeAssistant, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A web server, say: aiomqtt alone would wait for an answer till time is up."""
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT", 30)
    async with tcp_server(hangs_up) as port, asyncio.timeout(5):
        error = await refusal(hass, BrokerSettings(host="127.0.0.1", port=port))
    assert error.reason is Reason.BROKER_REJECTED


async def test_a_broker_that_rejects_the_client(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    """By return code 2 of MQTT 3.1.1: identifier rejected."""

    async def reject(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read(100)
        writer.write(b"\x20\x02\x00\x02")
        await reader.read()
        writer.close()

    async with tcp_server(reject) as port:
        error = await refusal(hass, BrokerSettings(host="127.0.0.1", port=port))
    assert error.reason is Reason.BROKER_REJECTED


async def test_an_error_that_nobody_expects_ends_the_wait(
    hass: HomeAssistant,
    broker: Broker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def breaks(*_: Any, **__: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(transport, "Client", breaks)
    with pytest.raises(ConnectError) as raised:
        await BrokerClient(hass, settings(broker)).start()
    assert raised.value.reason is Reason.CONNECTION_LOST
    assert "a bug" in caplog.text
    caplog.clear()


async def test_no_secret_is_logged(
    socket_enabled: None,
    connect: Connect,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG)
    with Broker(tmp_path, username="user", password="right-secret") as broker:
        client = await connect(
            settings(broker, username="user", password="right-secret")
        )
        await client.stop()
        with pytest.raises(ConnectError):
            await connect(settings(broker, username="user", password="wrong-secret"))
    assert "secret" not in caplog.text


# --- giving up while connecting -----------------------------------------------------


async def _cancel_soon(client: BrokerClient, delay: float) -> None:
    task = asyncio.create_task(client.start())
    await asyncio.sleep(delay)
    if task.cancel():
        with pytest.raises(asyncio.CancelledError):
            await task
    await client.stop()  # as the pool does


@pytest.mark.parametrize("delay", [0, 0.001, 0.005, 0.05])
async def test_a_dialog_closed_while_connecting_leaves_nothing(
    hass: HomeAssistant,
    broker: Broker,
    monkeypatch: pytest.MonkeyPatch,
    delay: float,
) -> None:
    """Wherever the connect is just then: before, within and after the thread."""
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT", 30)
    async with nothing_left(), asyncio.timeout(5):
        for _ in range(5):
            await _cancel_soon(BrokerClient(hass, settings(broker)), delay)


async def test_a_dialog_closed_while_the_server_is_silent_closes_at_once(
    hass: HomeAssistant, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT", 30)
    with silent_server() as port:
        async with nothing_left(), asyncio.timeout(5):
            client = BrokerClient(hass, BrokerSettings(host="127.0.0.1", port=port))
            await _cancel_soon(client, 0.1)


async def test_a_socket_that_opens_after_all_is_closed(
    hass: HomeAssistant, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server may keep the connecting thread longer than anyone waits for it."""
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT", 0.05)
    real = transport.Client._client_connect

    def slow(client: Any) -> None:
        asyncio.run(asyncio.sleep(0.3))  # in the thread
        real(client)

    async with nothing_left():
        monkeypatch.setattr(transport.Client, "_client_connect", slow)
        await _cancel_soon(BrokerClient(hass, settings(broker)), 0.05)
        await until(lambda: " as " in broker.log or "closed" in broker.log)
        await asyncio.sleep(0.05)
