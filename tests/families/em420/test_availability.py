"""When a source of an EM420 is available: by its own clock, and its own interval."""

import asyncio
import json

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import set_up, shows, state
from .conftest import S0, S1, TOPIC, detailed, mqtt_entry


async def test_old_retained_message_does_not_make_available(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    """A retained message counts by its own time stamp, not by its arrival."""
    old = json.loads(detailed("s0", voltage_L1=230_000))
    old["s0"]["timestamp"]["seconds"] -= 3600
    fresh = json.loads(detailed("s1", voltage_L1=231_000))
    fresh["s1"]["timestamp"]["seconds"] -= 60
    await device.publish(f"{TOPIC}", json.dumps(old | fresh), retain=True)
    assert await set_up(hass, entry)
    await shows(hass, entry, S1, "voltage_L1", "231.0")
    await shows(hass, entry, S0, "voltage_L1", STATE_UNAVAILABLE)
    await device.publish(TOPIC, detailed("s0", voltage_L1=230_000))
    await shows(hass, entry, S0, "voltage_L1", "230.0")


async def test_silence(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    device: aiomqtt.Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A source that stops is unavailable after three of its intervals."""
    monkeypatch.setattr("custom_components.wattbus.freshness._SHORTEST", 1.0)
    assert await set_up(hass, entry)
    for volts in (230, 231, 232):
        await device.publish(TOPIC, detailed("s0", voltage_L1=volts * 1000))
        await asyncio.sleep(0.05)
    await shows(hass, entry, S0, "voltage_L1", "232.0")
    await shows(hass, entry, S0, "voltage_L1", STATE_UNAVAILABLE)
    await device.publish(TOPIC, detailed("s0", voltage_L1=232_000))
    await shows(hass, entry, S0, "voltage_L1", "232.0")


async def test_equal_payloads_are_signs_of_life(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    device: aiomqtt.Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A device whose values stand still is not a silent one."""
    monkeypatch.setattr("custom_components.wattbus.freshness._SHORTEST", 1.0)
    assert await set_up(hass, entry)
    for _ in range(14):
        await device.publish(TOPIC, b'{"s0": {"voltage_L1": 230000, "status": 1}}')
        await asyncio.sleep(0.1)
    assert state(hass, entry, S0, "voltage_L1").state == "230.0"


async def test_patience_option(
    hass: HomeAssistant, broker: Broker, device: aiomqtt.Client
) -> None:
    """Until the interval is known, the option counts."""
    entry = mqtt_entry(hass, broker, options={"patience": 60})
    old = json.loads(detailed("s0", voltage_L1=230_000))
    old["s0"]["timestamp"]["seconds"] -= 1800
    await device.publish(TOPIC, json.dumps(old), retain=True)
    assert await set_up(hass, entry)
    await shows(hass, entry, S0, "voltage_L1", "230.0")
