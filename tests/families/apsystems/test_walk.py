"""The way of an answer to its state, and of a click."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant

from ...harness.walk import Walk
from ...helpers import use
from ...simulators.ecu_report import EcuModel
from ...simulators.ecu_simulator import EcuSimulator
from .conftest import CYCLE, Advance
from .test_tcp import inverters, value

pytestmark = pytest.mark.walk


@pytest.mark.parametrize("options", [{"model": EcuModel.ECU_R_PRO}])
async def test_up(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    before = value(hass, entry, "energy_today")
    with Walk("APsystems ECU, up"):
        await advance(CYCLE)
    assert value(hass, entry, "energy_today") != before


@pytest.mark.parametrize("options", [{"model": EcuModel.ECU_R_PRO}])
async def test_there_and_back(
    hass: HomeAssistant, ecu: EcuSimulator, entry: MockConfigEntry, advance: Advance
) -> None:
    device = inverters(entry)[0]
    with Walk("APsystems ECU, there and back"):
        await use(hass, entry, "switch.turn_off", "switched_on", device)
