"""Installations on the same broker share one connection, and do not notice each other."""

import asyncio
from collections.abc import Callable
import re

import aiomqtt
import pytest

from custom_components.wattbus.errors import ConnectError, Reason
from custom_components.wattbus.families.sink import DeviceKey
from custom_components.wattbus.transports.mqtt import (
    BrokerSettings,
    MqttClient,
    acquire,
    broker as transport,
)
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import broker_data, fixture, make_entry, set_up, state, until
from .conftest import Inbox, nothing_left, settings, silent_server

METER = DeviceKey("source", "smart-meter")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests wait a fraction of what users do."""
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT", 0.3)
    monkeypatch.setattr(transport, "FIRST_PAUSE", 0.05)


def connections(broker: Broker) -> int:
    """Count the connections that the broker has ever had, from its log."""
    return len(re.findall(r"New client connected from .* as ", broker.log))


def disconnections(broker: Broker) -> int:
    """Count those that ended."""
    return len(re.findall(r"Client \S+ (\[\S+\] )?disconnected", broker.log))


async def test_the_same_settings_share_a_connection(
    hass: HomeAssistant, broker: Broker
) -> None:
    async with nothing_left():
        first = await acquire(hass, settings(broker))
        second = await acquire(hass, settings(broker))
        assert first.connected
        assert second.connected
        assert connections(broker) == 1
        await first.release()
        assert second.connected
        assert disconnections(broker) == 0
        await second.release()
    await until(lambda: disconnections(broker) == 1)


async def test_what_is_published_is_as_it_was_asked_for(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    client = await acquire(hass, settings(broker))
    await device.subscribe("#", qos=2)
    await client.publish("command", b"1", 1)
    await client.publish("price", b"2", retain=True)
    found = [await anext(device.messages) for _ in range(2)]
    assert [(item.topic.value, item.payload, item.qos) for item in found] == [
        ("command", b"1", 1),
        ("price", b"2", 0),
    ]
    inbox = Inbox()
    await client.subscribe("#", inbox)
    (kept,) = await inbox.wait()
    assert kept.topic == "price"
    await client.release()


async def test_other_settings_have_a_connection_of_their_own(
    hass: HomeAssistant, broker: Broker
) -> None:
    wanted = (
        settings(broker),
        settings(broker, protocol="5"),
        settings(broker, client_id="mine"),
        settings(broker, username="user", password="secret"),
    )
    clients = [await acquire(hass, item) for item in wanted]
    assert connections(broker) == 4
    for client in clients:
        await client.release()


async def test_two_that_come_at_once_share_it_too(
    hass: HomeAssistant, broker: Broker
) -> None:
    clients = await asyncio.gather(*(acquire(hass, settings(broker)) for _ in range(5)))
    assert connections(broker) == 1
    for client in clients:
        await client.release()


async def test_after_the_last_has_left_a_new_one_connects_anew(
    hass: HomeAssistant, broker: Broker
) -> None:
    for _ in range(3):
        client = await acquire(hass, settings(broker))
        await client.release()
        await client.release()  # twice does no harm
        assert not client.connected
    assert connections(broker) == 3


async def test_one_that_left_gets_nothing_more(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    leaves = await acquire(hass, settings(broker))
    stays = await acquire(hass, settings(broker))
    gone, there = Inbox(), Inbox()
    states: list[bool] = []
    await leaves.subscribe("a", gone)
    await leaves.subscribe("only/here", gone)
    leaves.on_state(states.append)
    await stays.subscribe("a", there)
    await leaves.release()
    await device.publish("a", b"1")
    await there.wait()
    await until(lambda: "Received UNSUBSCRIBE" in broker.log)
    broker.restart()
    await until(lambda: not stays.connected)
    await until(lambda: stays.connected)
    assert not gone.messages
    assert not states
    await stays.release()


async def test_one_that_leaves_while_it_subscribes(
    hass: HomeAssistant, broker: Broker
) -> None:
    """A set-up that is cancelled must leave no listener on what others use."""
    stays = await acquire(hass, settings(broker))
    leaves = await acquire(hass, settings(broker))
    gone, there = Inbox(), Inbox()
    await stays.subscribe("a", there)
    task = asyncio.create_task(leaves.subscribe("a", gone))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await leaves.release()
    await leaves.subscribe("a", gone)  # nor afterwards
    await stays.publish("a", b"1")
    await there.wait()
    assert not gone.messages
    await stays.release()


async def test_each_subscription_can_be_ended_once(
    hass: HomeAssistant, broker: Broker
) -> None:
    client = await acquire(hass, settings(broker))
    inbox, states = Inbox(), list[bool]()
    for undo in (await client.subscribe("a", inbox), client.on_state(states.append)):
        undo()
        undo()
    await client.publish("a", b"1")
    await client.release()
    assert not inbox.messages


async def test_two_wait_for_a_broker_that_is_away(
    hass: HomeAssistant, broker: Broker
) -> None:
    """Each is told, and nothing of the attempt remains."""
    broker.stop()
    async with nothing_left():
        results = await asyncio.gather(
            *(acquire(hass, settings(broker)) for _ in range(2)),
            return_exceptions=True,
        )
    assert [
        result.reason for result in results if isinstance(result, ConnectError)
    ] == [Reason.REFUSED] * 2
    broker.start()
    client = await acquire(hass, settings(broker))
    assert client.connected
    await client.release()


async def test_the_second_connects_when_the_first_gives_up(
    hass: HomeAssistant,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A closed dialog does not take the connect of an installation along."""
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT", 1.5)
    with silent_server() as port:
        wanted = BrokerSettings(host="127.0.0.1", port=port)
        async with nothing_left():
            first = asyncio.create_task(acquire(hass, wanted))
            await asyncio.sleep(0.1)
            second = asyncio.create_task(acquire(hass, wanted))
            await asyncio.sleep(0.1)
            first.cancel()
            await asyncio.sleep(0.1)
            assert first.cancelled()
            assert not second.done()
            with pytest.raises(ConnectError):
                await second


async def test_all_hear_that_the_connection_went_and_came(
    hass: HomeAssistant, broker: Broker
) -> None:
    clients: list[MqttClient] = [
        await acquire(hass, settings(broker)) for _ in range(2)
    ]
    states: list[list[bool]] = [[], []]
    for client, told in zip(clients, states, strict=True):
        client.on_state(told.append)
        assert not client.auth_refused
    broker.restart()
    await until(lambda: all(told[-1:] == [True] for told in states))
    for client in clients:
        await client.release()


async def test_an_installation_that_is_unloaded_leaves_the_other_running(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    before = connections(broker)
    entries = [
        make_entry(
            hass,
            {
                "family": "em420",
                "connection": "mqtt",
                "topics": [topic],
                "config_topics": [],
                "broker": broker_data(broker),
            },
        )
        for topic in ("first/data", "second/data")
    ]
    assert await set_up(hass, entries[0])  # which sets all of an integration up
    await until(lambda: all(entry.state.recoverable for entry in entries))
    assert connections(broker) == before + 1
    first, second = entries

    def power(entry: object) -> Callable[[], str | None]:
        def read() -> str | None:
            found = state(hass, entry, METER, "active_power_+")  # type: ignore[arg-type]
            return found and found.state

        return read

    await device.publish("first/data", fixture("em420/smart_meter.json"))
    await until(lambda: power(first)() == "6730.1")
    assert await hass.config_entries.async_unload(first.entry_id)
    await device.publish("second/data", fixture("em420/smart_meter.json"))
    await until(lambda: power(second)() == "6730.1")
    assert power(first)() == "unavailable"
    assert await hass.config_entries.async_unload(second.entry_id)
    await until(lambda: disconnections(broker) == 1)
