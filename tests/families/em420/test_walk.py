"""The way of a message to its state."""

import aiomqtt
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant

from ...harness.walk import Walk
from ...helpers import set_up, shows
from .conftest import S0, TOPIC, detailed

pytestmark = pytest.mark.walk


async def test_up(
    hass: HomeAssistant, entry: MockConfigEntry, device: aiomqtt.Client
) -> None:
    assert await set_up(hass, entry)
    await device.publish(TOPIC, detailed(voltage_L1=230_000))
    await shows(hass, entry, S0, "voltage_L1", "230.0")
    with Walk("EM420, up"):
        await device.publish(TOPIC, detailed(voltage_L1=231_000))
        await shows(hass, entry, S0, "voltage_L1", "231.0")
