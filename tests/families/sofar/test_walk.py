"""The way of a message to its state, and of a click."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant

from ...harness.walk import Walk
from ...helpers import shows, use
from ...simulators.sofar import SofarSimulator
from .conftest import BATTERY, LIVE_OPTIONS

pytestmark = pytest.mark.walk


@pytest.fixture
def options() -> dict[str, Any]:
    """Let live control be used."""
    return LIVE_OPTIONS


async def test_there_and_back(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    await use(
        hass, entry, "select.select_option", "live_policy", BATTERY, option="charge"
    )
    with Walk("Sofar EMS, there and back"):
        await use(hass, entry, "switch.turn_on", "live_control", BATTERY)
        await shows(hass, entry, BATTERY, "live_control", "on", "switch")
