"""The way of a message to its state, and of a click."""

import asyncio

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...harness.walk import Walk
from ...helpers import use
from ...simulators.openevse_simulator import OpenEvseSimulator
from .conftest import BASE
from .test_mqtt import running, shows

pytestmark = pytest.mark.walk


async def _quiet(hass: HomeAssistant, broker: Broker) -> MockConfigEntry:
    """Set the charger up, and wait until it has been read."""
    entry = await running(hass, broker)
    await entry.runtime_data.driver.controller.poll()
    await asyncio.sleep(0.2)
    return entry


async def test_up(
    hass: HomeAssistant,
    broker: Broker,
    simulator: OpenEvseSimulator,
    device: aiomqtt.Client,
) -> None:
    entry = await _quiet(hass, broker)
    with Walk("OpenEVSE, up"):
        await device.publish(f"{BASE}/pilot", "13")
        await shows(hass, entry, "pilot_current", "13.0")


async def test_there_and_back(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    entry = await _quiet(hass, broker)
    # With the first override come entities that were not there before.
    await use(hass, entry, "number.set_value", "charge_current", value=15)
    await asyncio.sleep(0.2)
    with Walk("OpenEVSE, there and back"):
        await use(hass, entry, "number.set_value", "charge_current", value=16)
        await shows(hass, entry, "charge_current", "16", "number")
