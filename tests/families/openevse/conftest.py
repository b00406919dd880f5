"""A simulated OpenEVSE and Home Assistant."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.wattbus.families.openevse import rapi
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import broker_data, make_entry
from ...simulators.openevse_firmware import Generation
from ...simulators.openevse_simulator import OpenEvseSimulator, Options

BASE = "openevse"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less long for a charger that says nothing."""
    monkeypatch.setattr(rapi, "ANSWER_TIMEOUT", 0.5)


@pytest.fixture
def generation() -> Generation:
    """Give the newest gateway; tests name others."""
    return Generation.ESP32_5_1


@pytest.fixture
def options() -> dict[str, Any]:
    """Give what is special about the simulated charger."""
    return {}


@pytest.fixture
async def simulator(
    broker: Broker, generation: Generation, options: dict[str, Any]
) -> AsyncGenerator[OpenEvseSimulator]:
    """Run a charger at the broker, thirty times as fast as real ones."""
    settings = Options(generation=generation, base=BASE, speed=30, **options)
    async with OpenEvseSimulator(settings) as running:
        await running.connect(broker.host, broker.port)
        yield running


def mqtt_entry(hass: HomeAssistant, broker: Broker, **options: Any) -> MockConfigEntry:
    """Make an entry for the charger, not set up yet."""
    return make_entry(
        hass,
        {
            "family": "openevse",
            "connection": "mqtt",
            "base": BASE,
            "broker": broker_data(broker),
        },
        options=options,
        entry_id="entry",
    )
