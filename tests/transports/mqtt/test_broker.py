"""A connection of our own to a broker: what goes wrong, and how it comes back."""

import asyncio
from collections.abc import Iterator
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
from .conftest import (
    Connect,
    Inbox,
    hangs_up,
    nothing_left,
    server,
    settings,
    silent_server,
)

# Taken before the test plugin replaces it by one that knows no host but loopback.
GETADDRINFO = socket.getaddrinfo

INFO = "custom_components.wattbus"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests wait a fraction of what users do."""
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT", 0.3)
    monkeypatch.setattr(transport, "FIRST_PAUSE", 0.05)
    monkeypatch.setattr(transport, "LONGEST_PAUSE", 0.2)


@pytest.fixture
def tls_broker(socket_enabled: None) -> Iterator[Broker]:
    """Run a broker that has a TLS listener beside the plain one."""
    with Broker(tls=True) as running:
        yield running


def tls(broker: Broker, **changes: Any) -> BrokerSettings:
    """Give the settings for its TLS listener."""
    return settings(broker, port=broker.tls_port, tls=True, **changes)


def authority(broker: Broker) -> str:
    """Give the certificate that vouches for a broker."""
    assert broker.ca_file is not None
    return broker.ca_file.read_text()


async def refusal(hass: HomeAssistant, wanted: BrokerSettings) -> ConnectError:
    """Fail to connect, leave nothing behind, and give the reason."""
    async with nothing_left():
        with pytest.raises(ConnectError) as raised:
            await BrokerClient(hass, wanted).start()
        error = raised.value
        del raised  # its traceback holds what is to be gone
        error.__traceback__ = error.__cause__ = error.__context__ = None
    return error


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
    async with server(hangs_up) as port, asyncio.timeout(5):
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

    async with server(reject) as port:
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

    monkeypatch.setattr(transport, "_Client", breaks)
    with pytest.raises(ConnectError) as raised:
        await BrokerClient(hass, settings(broker)).start()
    assert raised.value.reason is Reason.CONNECTION_LOST
    assert "a bug" in caplog.text
    caplog.clear()


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
    real = transport._Client._client_connect

    def slow(client: Any) -> None:
        asyncio.run(asyncio.sleep(0.3))  # in the thread
        real(client)

    async with nothing_left():
        monkeypatch.setattr(transport._Client, "_client_connect", slow)
        await _cancel_soon(BrokerClient(hass, settings(broker)), 0.05)
        await until(lambda: " as " in broker.log or "closed" in broker.log)
        await asyncio.sleep(0.05)


# --- TLS ----------------------------------------------------------------------------


async def test_tls_with_the_brokers_own_authority(
    tls_broker: Broker, connect: Connect
) -> None:
    client = await connect(tls(tls_broker, ca=authority(tls_broker)))
    inbox = Inbox()
    await client.subscribe("a", inbox)
    await client.publish("a", "x" * 100_000)
    assert len((await inbox.wait())[0].payload) == 100_000


async def test_tls_without_verification(tls_broker: Broker, connect: Connect) -> None:
    client = await connect(tls(tls_broker, verify=False))
    assert client.connected


async def test_tls_with_a_certificate_of_nobody_known(
    hass: HomeAssistant, tls_broker: Broker
) -> None:
    error = await refusal(hass, tls(tls_broker))
    assert error.reason is Reason.TLS_UNTRUSTED


async def test_tls_with_the_certificate_of_another_host(
    hass: HomeAssistant, tls_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """127.1 is this machine, too, but not what the certificate says."""
    monkeypatch.setattr(socket, "getaddrinfo", GETADDRINFO)
    error = await refusal(hass, tls(tls_broker, host="127.1", ca=authority(tls_broker)))
    assert error.reason is Reason.TLS_UNTRUSTED


async def test_tls_on_a_port_without(hass: HomeAssistant, tls_broker: Broker) -> None:
    error = await refusal(
        hass, settings(tls_broker, tls=True, ca=authority(tls_broker))
    )
    assert error.reason is Reason.TLS_FAILED


async def test_no_tls_on_a_port_with(
    hass: HomeAssistant, tls_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT", 30)
    async with asyncio.timeout(5):
        error = await refusal(hass, settings(tls_broker, port=tls_broker.tls_port))
    assert error.reason is Reason.BROKER_REJECTED


async def test_an_authority_that_cannot_be_read(
    hass: HomeAssistant, tls_broker: Broker
) -> None:
    error = await refusal(hass, tls(tls_broker, ca="für alle"))
    assert error.reason is Reason.CA_INVALID


async def test_a_tls_server_that_never_answers(
    hass: HomeAssistant, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "KEEPALIVE", 1)  # paho's limit for the handshake
    with silent_server() as port:
        wanted = BrokerSettings(host="127.0.0.1", port=port, tls=True)
        error = await refusal(hass, wanted)
    assert error.reason is Reason.TIMEOUT


# --- down and up --------------------------------------------------------------------


async def test_the_broker_restarts(
    broker: Broker, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """The user sees one line down and one line up; all subscriptions are back."""
    caplog.set_level(logging.INFO, INFO)
    client = await connect(settings(broker))
    states: list[bool] = []
    client.on_state(states.append)
    first, second = Inbox(), Inbox()
    await client.subscribe("first", first)
    await client.subscribe("second/#", second)
    async with aiomqtt.Client(broker.host, broker.port) as device:
        await device.publish("second/kept", b"kept", retain=True)
    await second.wait()

    broker.stop()
    await until(lambda: not client.connected)
    assert states[0] is False
    with pytest.raises(ConnectError) as raised:
        await client.publish("first", b"lost")
    assert raised.value.reason is Reason.CONNECTION_LOST
    await asyncio.sleep(0.4)  # some attempts fail

    broker.start()
    await until(lambda: client.connected)
    assert states[-1] is True
    assert set(states[:-1]) == {False}
    await second.wait(2)
    assert second.messages[1] == Message("second/kept", b"kept", True)
    await client.publish("first", b"here")
    await first.wait()

    lines = [item.getMessage() for item in caplog.records if item.name == INFO]
    assert lines == [
        "Lost the connection to 127.0.0.1 (connection_lost)",
        "Connected again to 127.0.0.1",
    ]


async def test_many_restarts_leave_nothing(
    hass: HomeAssistant, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, INFO)
    async with nothing_left():
        client = BrokerClient(hass, settings(broker))
        await client.start()
        inbox = Inbox()
        await client.subscribe("a", inbox)
        async with nothing_left():
            for count in range(1, 6):
                broker.stop()
                await until(lambda: not client.connected)
                await asyncio.sleep(0.02 * count)
                broker.start()
                await until(lambda: client.connected)
                await client.publish("a", str(count))
                await inbox.wait(count)
        await client.stop()
    lines = [item.getMessage() for item in caplog.records if item.name == INFO]
    assert len(lines) == 10


async def test_a_broker_that_freezes(
    broker: Broker, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection does not close; only the missing keep-alive tells."""
    monkeypatch.setattr(transport, "KEEPALIVE", 1)
    client = await connect(settings(broker))
    broker.process.freeze()
    try:
        await until(lambda: not client.connected, timeout=6)
    finally:
        broker.process.freeze(False)
    await until(lambda: client.connected)


async def test_a_password_changed_meanwhile(
    socket_enabled: None, connect: Connect
) -> None:
    """Whoever listens is told with each attempt, and may ask the user."""
    with Broker(username="user", password="old") as broker:
        client = await connect(settings(broker, username="user", password="old"))
        refused: list[bool] = []
        client.on_state(lambda _: refused.append(client.auth_refused))
        broker.password = "new"
        broker.restart()
        await until(lambda: client.auth_refused)
        assert refused[0] is False, "the first word is only that it is down"
        assert refused[-1] is True
        broker.password = "old"
        broker.restart()
        await until(lambda: client.connected)
        assert not client.auth_refused
        await client.stop()


async def test_stopped_while_the_broker_is_away(
    hass: HomeAssistant, broker: Broker
) -> None:
    async with nothing_left():
        client = BrokerClient(hass, settings(broker))
        await client.start()
        broker.stop()
        await until(lambda: not client.connected)
        await client.stop()
        broker.start()
    assert not client.connected


async def test_subscribed_while_the_broker_is_away(
    broker: Broker, connect: Connect
) -> None:
    client = await connect(settings(broker))
    broker.stop()
    await until(lambda: not client.connected)
    inbox, leaves = Inbox(), Inbox()
    await client.subscribe("a", inbox)
    (await client.subscribe("b", leaves))()
    broker.start()
    await until(lambda: client.connected)
    await client.publish("b", b"1")
    await client.publish("a", b"1")
    await inbox.wait()
    assert not leaves.messages


async def test_subscribed_in_the_moment_of_the_reconnect(
    broker: Broker, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the old subscriptions are restored, there is no connection to use yet."""
    client = await connect(settings(broker))
    await client.subscribe("old", Inbox())
    inbox = Inbox()
    real = transport._Client.subscribe

    async def meanwhile(self: Any, topic: Any, *args: Any, **more: Any) -> Any:
        monkeypatch.setattr(transport._Client, "subscribe", real)
        await client.subscribe("new", inbox)
        return await real(self, topic, *args, **more)

    monkeypatch.setattr(transport._Client, "subscribe", meanwhile)
    broker.restart()
    await until(lambda: not client.connected)
    await until(lambda: client.connected)
    await client.publish("new", b"1")
    await inbox.wait()


async def test_a_subscription_that_fails_is_made_good_by_the_reconnect(
    broker: Broker, connect: Connect
) -> None:
    client = await connect(settings(broker))
    broker.process.freeze()
    inbox = Inbox()
    await client.subscribe("a", inbox)  # runs out of time
    broker.process.freeze(False)
    broker.restart()
    await until(lambda: not client.connected)
    await until(lambda: client.connected)
    await client.publish("a", b"1")
    await inbox.wait()


async def test_a_subscription_that_is_given_up_leaves_no_listener(
    broker: Broker, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT", 30)
    client = await connect(settings(broker))
    broker.process.freeze()
    inbox = Inbox()
    task = asyncio.create_task(client.subscribe("a", inbox))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    broker.process.freeze(False)
    heard = Inbox()
    await client.subscribe("b", heard)
    await client.publish("a", b"1")
    await client.publish("b", b"1")
    await heard.wait()
    assert not inbox.messages


# --- messages -----------------------------------------------------------------------


async def test_nothing_is_published_retained(
    broker: Broker, connect: Connect, device: aiomqtt.Client
) -> None:
    client = await connect(settings(broker))
    for qos in (0, 1, 2):
        await client.publish("command", f"qos {qos}", qos)
    inbox = Inbox()
    await client.subscribe("#", inbox)
    await device.publish("end", b"")
    await inbox.wait()
    assert [message.topic for message in inbox.messages] == ["end"]


async def test_a_command_without_an_answer_fails(
    broker: Broker, connect: Connect
) -> None:
    client = await connect(settings(broker))
    broker.process.freeze()
    try:
        with pytest.raises(ConnectError) as raised:
            await client.publish("command", b"1", qos=1)
    finally:
        broker.process.freeze(False)
    assert raised.value.reason is Reason.CONNECTION_LOST


async def test_kept_messages_come_at_once_and_say_so(
    broker: Broker, connect: Connect, device: aiomqtt.Client
) -> None:
    await device.publish("kept", b"old", qos=1, retain=True)
    client = await connect(settings(broker))
    inbox = Inbox()
    await client.subscribe("kept", inbox)
    await inbox.wait()
    await device.publish("kept", b"new", retain=True)
    await inbox.wait(2)
    assert inbox.messages == [
        Message("kept", b"old", True),
        Message("kept", b"new", False),
    ]


async def test_who_comes_second_gets_the_kept_messages_too(
    broker: Broker, connect: Connect, device: aiomqtt.Client
) -> None:
    await device.publish("kept", b"old", qos=1, retain=True)
    client = await connect(settings(broker))
    first, second = Inbox(), Inbox()
    await client.subscribe("kept", first)
    await first.wait()
    await client.subscribe("kept", second)
    assert (await second.wait())[0].retain


@pytest.mark.parametrize(("protocol", "times"), [("3.1.1", 1), ("5", 2)])
async def test_overlapping_filters(
    broker: Broker,
    connect: Connect,
    device: aiomqtt.Client,
    protocol: str,
    times: int,
) -> None:
    """Mosquitto sends a message once for all filters, with MQTT 5 once for each."""
    client = await connect(settings(broker, protocol=protocol))
    inbox, end = Inbox(), Inbox()
    await client.subscribe("em420/#", inbox)
    await client.subscribe("em420/+", inbox)
    await client.subscribe("end", end)
    await device.publish("em420/data", b"1")
    await device.publish("end", b"")
    await end.wait()
    assert inbox.payloads == [b"1"] * times


@pytest.mark.parametrize(
    "payload",
    [b"", b"\x00\xff\xfe", "Zähler".encode(), b"{}", b"x" * 1_000_000],
    ids=["empty", "binary", "text", "json", "megabyte"],
)
async def test_any_bytes_arrive_as_they_were_sent(
    broker: Broker, connect: Connect, payload: bytes
) -> None:
    client = await connect(settings(broker))
    inbox = Inbox()
    await client.subscribe("a", inbox)
    await client.publish("a", payload)
    assert (await inbox.wait())[0].payload == payload


async def test_text_is_sent_as_utf_8(broker: Broker, connect: Connect) -> None:
    client = await connect(settings(broker))
    inbox = Inbox()
    await client.subscribe("Zähler/größe", inbox)
    await client.publish("Zähler/größe", "17 €")
    assert await inbox.wait() == [Message("Zähler/größe", "17 €".encode(), False)]


async def test_a_thousand_messages_come_in_order(
    broker: Broker, connect: Connect, device: aiomqtt.Client
) -> None:
    client = await connect(settings(broker))
    inbox = Inbox()
    await client.subscribe("a", inbox)
    for number in range(1000):
        await device.publish("a", str(number))
    await inbox.wait(1000)
    assert inbox.payloads == [str(number).encode() for number in range(1000)]


async def test_a_listener_that_raises_does_not_end_the_others(
    broker: Broker, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    client = await connect(settings(broker))

    def fails(_: object) -> None:
        raise ValueError("a bug in a driver")

    inbox = Inbox()
    await client.subscribe("a", fails)
    await client.subscribe("a", inbox)
    client.on_state(fails)
    states: list[bool] = []
    client.on_state(states.append)
    await client.publish("a", b"1")
    await inbox.wait()
    assert "A message on a could not be handled" in caplog.text
    broker.restart()
    await until(lambda: states[-1:] == [True])
    assert "a bug in a driver" in caplog.text
    await client.publish("a", b"2")
    await inbox.wait(2)
    caplog.clear()


async def test_who_has_left_gets_nothing_more(broker: Broker, connect: Connect) -> None:
    client = await connect(settings(broker))
    leaves, stays, states = Inbox(), Inbox(), []
    unsubscribe = await client.subscribe("a", leaves)
    await client.subscribe("a", stays)
    client.on_state(states.append)()
    unsubscribe()
    await client.publish("a", b"1")
    await stays.wait()
    assert not leaves.messages
    assert "Received UNSUBSCRIBE" not in broker.log, "another still listens"
    broker.restart()
    await until(lambda: not client.connected)
    await until(lambda: client.connected)
    assert not states


async def test_the_last_to_leave_tells_the_broker(
    broker: Broker, connect: Connect
) -> None:
    client = await connect(settings(broker))
    (await client.subscribe("a", Inbox()))()
    await until(lambda: "Received UNSUBSCRIBE" in broker.log)
    inbox = Inbox()
    await client.subscribe("a", inbox)  # it may change its mind
    await client.publish("a", b"1")
    await inbox.wait()


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


async def _forbids(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Be a broker that takes everybody, and lets nobody subscribe."""
    while head := await reader.read(2):
        body = await reader.readexactly(head[1])
        match head[0] >> 4:
            case 1:  # CONNECT
                writer.write(b"\x20\x02\x00\x00")
            case 8:  # SUBSCRIBE, answered with 0x80: failure
                writer.write(b"\x90\x03" + body[:2] + b"\x80")
            case 14:  # DISCONNECT
                break
    writer.close()


@pytest.mark.usefixtures("socket_enabled")
async def test_a_subscription_that_is_not_allowed(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    """Else a user would only see that nothing comes."""
    async with server(_forbids) as port:
        client = await connect(BrokerSettings(host="127.0.0.1", port=port))
        await client.subscribe("secret/#", lambda _: None)
        assert "127.0.0.1 does not allow to read secret/#" in caplog.text
        await client.stop()
