"""A controller of the hardware D9, whose protocol 6.0.0 has a few commands more."""

import pytest

from custom_components.wattbus.protocols.rapi import State
from homeassistant.core import HomeAssistant

from ...harness.broker import Broker
from ...helpers import ask, until
from ...simulators.openevse_simulator import OpenEvseSimulator
from .test_mqtt import running


@pytest.mark.parametrize("options", [{"protocol": "6.0.0"}])
async def test_what_the_hardware_d9_tells(
    hass: HomeAssistant, broker: Broker, simulator: OpenEvseSimulator
) -> None:
    """The grid's frequency and the relays (OpenEVSE_Lib, since protocol 6.0.0)."""
    entry = await running(hass, broker, expert=True)
    await until(lambda: entry.runtime_data.driver.state.firmware == (9, 0, 0))
    answer = await ask(hass, entry, "send_rapi", command="GZ")
    assert answer["fields"] == {"frequency": 50.02}
    await ask(hass, entry, "send_rapi", command="SR", parameters="2 0")
    answer = await ask(hass, entry, "send_rapi", command="GR")
    assert answer["fields"] == {"dc_1": True, "dc_2": False, "ac": True}
    simulator.charger.fault(State.GFCI_FAULT)
    assert (await ask(hass, entry, "send_rapi", command="FC"))["ok"]
    assert not simulator.charger.fault_counts
    await ask(hass, entry, "send_rapi", command="FO", parameters="700")
    assert simulator.charger.panic == 70.0
