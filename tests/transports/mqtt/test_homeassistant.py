"""MQTT through the connection that Home Assistant has already."""

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.errors import ConnectError, Reason
from custom_components.wattbus.families.sink import DeviceKey
from custom_components.wattbus.transports.mqtt import Message, acquire
from homeassistant.config_entries import ConfigEntryDisabler
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import fixture, make_entry, set_up, state, until
from .conftest import Inbox

METER = DeviceKey("source", "smart-meter")


async def test_without_the_integration_it_is_not_ready(hass: HomeAssistant) -> None:
    with pytest.raises(ConnectError) as raised:
        await acquire(hass, None)
    assert raised.value.reason is Reason.MQTT_NOT_READY
    assert raised.value.host == "Home Assistant"


async def test_hears_what_devices_say(
    hass: HomeAssistant, mqtt_integration: MockConfigEntry, device: aiomqtt.Client
) -> None:
    await device.publish("em420/config", b"\xff\x00", qos=1, retain=True)
    client = await acquire(hass, None)
    await until(lambda: client.connected)
    assert not client.auth_refused
    inbox = Inbox()
    await client.subscribe("em420/#", inbox)
    await inbox.wait()
    await device.publish("em420/data", b"{}")
    assert await inbox.wait(2) == [
        Message("em420/config", b"\xff\x00", True),
        Message("em420/data", b"{}", False),
    ]
    await client.release()


async def test_publishes_without_having_it_kept(
    hass: HomeAssistant, mqtt_integration: MockConfigEntry, device: aiomqtt.Client
) -> None:
    client = await acquire(hass, None)
    await until(lambda: client.connected)
    await device.subscribe("#", qos=2)
    await client.publish("command", "ü", qos=1)
    await client.publish("command", b"\xff")
    found = [await anext(device.messages) for _ in range(2)]
    assert [(item.payload, item.qos) for item in found] == [
        ("ü".encode(), 1),
        (b"\xff", 0),
    ]
    async with aiomqtt.Client(device._hostname, device._port) as late:
        await late.subscribe("#")
        await device.publish("end", b"")
        assert (await anext(late.messages)).topic.value == "end"


async def test_tells_when_the_broker_goes_and_comes(
    hass: HomeAssistant, mqtt_integration: MockConfigEntry, broker: Broker
) -> None:
    client = await acquire(hass, None)
    await until(lambda: client.connected)
    states: list[bool] = []
    client.on_state(states.append)
    broker.stop()
    await until(lambda: states == [False])
    assert not client.connected
    with pytest.raises(ConnectError) as raised:
        await client.publish("command", b"1")
    assert raised.value.reason is Reason.CONNECTION_LOST
    broker.start()
    await until(lambda: states[-1])
    await client.release()


async def test_one_that_left_gets_nothing_more(
    hass: HomeAssistant, mqtt_integration: MockConfigEntry, broker: Broker
) -> None:
    """Home Assistant's connection goes on, with those who still use it."""
    leaves, stays = await acquire(hass, None), await acquire(hass, None)
    await until(lambda: stays.connected)
    gone, there = Inbox(), Inbox()
    states: list[bool] = []
    await leaves.subscribe("a", gone)
    leaves.on_state(states.append)
    await stays.subscribe("a", there)
    await leaves.release()
    await until(lambda: "Received SUBSCRIBE" in broker.log)
    await stays.publish("a", b"1")
    await there.wait()
    broker.stop()
    await until(lambda: not stays.connected)
    broker.start()
    await until(lambda: stays.connected)
    assert not gone.messages
    assert not states
    await stays.release()


async def test_without_the_integration_nothing_can_be_subscribed_or_published(
    hass: HomeAssistant, mqtt_integration: MockConfigEntry
) -> None:
    """It may be removed while an installation runs."""
    client = await acquire(hass, None)
    await hass.config_entries.async_set_disabled_by(
        mqtt_integration.entry_id, ConfigEntryDisabler.USER
    )
    with pytest.raises(ConnectError) as raised:
        await client.subscribe("a", Inbox())
    error = raised.value
    assert (error.reason, error.host) == (Reason.MQTT_NOT_READY, "Home Assistant")
    assert "MQTT" in error.detail
    with pytest.raises(ConnectError) as raised:
        await client.publish("a", b"1")
    error = raised.value
    assert (error.reason, error.host) == (Reason.CONNECTION_LOST, "Home Assistant")
    assert "MQTT" in error.detail


async def test_an_installation_lives_on_it(
    hass: HomeAssistant, mqtt_integration: MockConfigEntry, broker: Broker
) -> None:
    entry = make_entry(
        hass,
        {
            "family": "em420",
            "connection": "mqtt",
            "topics": ["em420/data"],
            "config_topics": [],
            "broker": None,
        },
    )
    assert await set_up(hass, entry)
    for times in (1, 2):
        await until(lambda times=times: broker.log.count("Received SUBSCRIBE") == times)
        async with aiomqtt.Client(broker.host, broker.port) as meter:
            await meter.publish("em420/data", fixture("em420/smart_meter.json"))
        await until(lambda: _state(hass, entry) == "6730.1")
        broker.stop()
        await until(lambda: _state(hass, entry) == "unavailable")
        broker.start()
    assert await hass.config_entries.async_unload(entry.entry_id)


def _state(hass: HomeAssistant, entry: MockConfigEntry) -> str | None:
    found = state(hass, entry, METER, "active_power_+")
    return found and found.state
