"""Messages over a connection of our own: sent, heard, kept, and subscriptions."""

import asyncio

import aiomqtt
import pytest

from custom_components.wattbus.errors import ConnectError, Reason
from custom_components.wattbus.transports.mqtt import BrokerSettings, Message

from ...harness.broker import Broker
from ...helpers import until
from ...simulators.listening import tcp_server
from .conftest import Connect, Inbox, settings

pytestmark = pytest.mark.usefixtures("impatient")


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


async def test_what_is_to_be_kept_is_kept(broker: Broker, connect: Connect) -> None:
    """Only what a device reads at a time of its own."""
    client = await connect(settings(broker))
    await client.publish("price", b"1", 1, retain=True)
    inbox = Inbox()
    await client.subscribe("#", inbox)
    assert await inbox.wait() == [Message("price", b"1", True)]


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
    assert raised.value.host == broker.host
    assert "timed out" in raised.value.detail


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
    async with tcp_server(_forbids) as port:
        client = await connect(BrokerSettings(host="127.0.0.1", port=port))
        await client.subscribe("secret/#", lambda _: None)
        assert "127.0.0.1 does not allow to read secret/#" in caplog.text
        await client.stop()
