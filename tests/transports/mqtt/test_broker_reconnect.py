"""A broker that goes and comes: connection and subscriptions are back by themselves."""

import asyncio
from itertools import islice
import logging
from typing import Any

import aiomqtt
import pytest

from custom_components.wattbus.errors import ConnectError, Reason
from custom_components.wattbus.transports.mqtt import Message, broker as transport
from custom_components.wattbus.transports.mqtt.broker import BrokerClient
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import until
from .conftest import INFO, Connect, Inbox, nothing_left, settings

pytestmark = pytest.mark.usefixtures("impatient")


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
    assert raised.value.host == broker.host
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


def test_the_pause_grows_but_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that was away for a night is found soon after it is back."""
    monkeypatch.setattr(transport, "FIRST_PAUSE", 1.0)
    monkeypatch.setattr(transport, "LONGEST_PAUSE", 60.0)
    expected = (1, 2, 4, 8, 16, 32, 60, 60, 60)
    found = list(islice(transport._pauses(), len(expected)))
    assert found == [pytest.approx(pause, rel=0.25) for pause in expected]
    assert len(set(found[6:])) == 3, "not all clients at once"


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
    real = transport.Client.subscribe

    async def meanwhile(self: Any, topic: Any, *args: Any, **more: Any) -> Any:
        monkeypatch.setattr(transport.Client, "subscribe", real)
        await client.subscribe("new", inbox)
        return await real(self, topic, *args, **more)

    monkeypatch.setattr(transport.Client, "subscribe", meanwhile)
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
