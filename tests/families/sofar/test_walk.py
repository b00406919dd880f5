"""The way of a message to its state, and of a click."""

import asyncio
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.sink import MAIN_DEVICE
from homeassistant.core import HomeAssistant

from ...harness.walk import Walk
from ...helpers import shows, until, use
from ...simulators.sofar import Fault, SofarSimulator
from ...simulators.sofar_site import Site
from .conftest import BATTERY, LIVE_OPTIONS

pytestmark = pytest.mark.walk


@pytest.fixture
def options() -> dict[str, Any]:
    """Let live control be used, and read only when the test does."""
    return LIVE_OPTIONS | {"feedback_interval": 0}


async def test_up(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    simulator: SofarSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second value: the first brings its entity along."""
    read = entry.runtime_data.driver.site.read_feedback
    monkeypatch.setattr(Site, "grid_power", 815.0)
    await read()
    await shows(hass, entry, MAIN_DEVICE, "feedback.actualPowerTot_W", "815")
    monkeypatch.setattr(Site, "grid_power", 4711.0)
    simulator.trouble.slow_seconds = 0.05
    simulator.trouble.plan(Fault.SLOW, "get_feedback")
    count = len(simulator.requests)
    reading = asyncio.create_task(read())
    await until(lambda: len(simulator.requests) > count)
    with Walk("Sofar EMS, up"):
        await reading
        await shows(hass, entry, MAIN_DEVICE, "feedback.actualPowerTot_W", "4711")


async def test_there_and_back(
    hass: HomeAssistant, entry: MockConfigEntry, simulator: SofarSimulator
) -> None:
    await use(
        hass, entry, "select.select_option", "live_policy", BATTERY, option="charge"
    )
    with Walk("Sofar EMS, there and back"):
        await use(hass, entry, "switch.turn_on", "live_control", BATTERY)
        await shows(hass, entry, BATTERY, "live_control", "on", "switch")
