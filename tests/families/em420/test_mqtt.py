"""An EM420's way over MQTT: its topics, and a broker that goes and comes."""

import asyncio

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.sink import MAIN_DEVICE
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import set_up, shows, state
from .conftest import S0, S1, TOPIC, detailed, mqtt_entry

# --- topics -------------------------------------------------------------------------


async def test_topics_with_wildcards(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """Several topics with one source each, named by a wildcard."""
    entry = mqtt_entry(hass, broker, topics=["house/+/em420"], config_topics=[])
    assert await set_up(hass, entry)
    await device.publish("house/a/em420", detailed("s0", voltage_L1=231_000))
    await device.publish("house/b/em420", detailed("s1", voltage_L1=232_000))
    await shows(hass, entry, S0, "voltage_L1", "231.0")
    await shows(hass, entry, S1, "voltage_L1", "232.0")


async def test_two_sources_on_one_topic(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """Sources with the same topic text send one after the other: none is lost."""
    assert await set_up(hass, entry)
    for volts in range(230, 240):
        await device.publish(TOPIC, detailed("s0", voltage_L1=volts * 1000))
        await device.publish(TOPIC, detailed("s1", voltage_L1=volts * 1000 + 500))
    await shows(hass, entry, S0, "voltage_L1", "239.0")
    await shows(hass, entry, S1, "voltage_L1", "239.5")


# --- the broker ---------------------------------------------------------------------


async def test_broker_away_at_start(
    hass: HomeAssistant, entry: MockConfigEntry, broker: Broker
) -> None:
    """The entry retries by itself."""
    broker.stop()
    assert not await set_up(hass, entry)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "refused"
    broker.start()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


async def test_broker_restarted(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    broker: Broker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Away: unavailable; back: available again by itself; one line each way."""
    monkeypatch.setattr(
        "custom_components.wattbus.transports.mqtt.broker.FIRST_PAUSE", 0.05
    )
    assert await set_up(hass, entry)
    await shows(hass, entry, MAIN_DEVICE, "connected", "on", "binary_sensor")
    async with aiomqtt.Client(broker.host, broker.port) as client:
        await client.publish(TOPIC, detailed("s0", voltage_L1=230_000))
    await shows(hass, entry, S0, "voltage_L1", "230.0")
    await asyncio.to_thread(broker.stop)
    await shows(hass, entry, S0, "voltage_L1", STATE_UNAVAILABLE)
    await shows(hass, entry, MAIN_DEVICE, "connected", "off", "binary_sensor")
    await asyncio.sleep(0.3)
    await asyncio.to_thread(broker.start)
    await shows(hass, entry, MAIN_DEVICE, "connected", "on", "binary_sensor")
    assert state(hass, entry, S0, "voltage_L1").state == STATE_UNAVAILABLE
    async with aiomqtt.Client(broker.host, broker.port) as client:
        await client.publish(TOPIC, detailed("s0", voltage_L1=230_000))
    await shows(hass, entry, S0, "voltage_L1", "230.0")
    lines = [
        record.levelname
        for record in caplog.records
        if record.name == "custom_components.wattbus" and record.levelno >= 20
    ]
    assert lines == ["WARNING", "INFO"]
